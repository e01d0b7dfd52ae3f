using System.CommandLine;
using Harness.Runs.Scenarios;

namespace Harness.Cli.Verbs;

/// <summary>No verb: the headline claim in its quick form, which is what a newcomer should see first.</summary>
internal static class HeadlineVerb
{
    public const string Scenario = "kafka-20m";

    public static void AddTo(RootCommand root, Option<bool> json, Services services)
    {
        Option<string?> folder = MeasuringOptions.Out();
        root.Options.Add(folder);
        root.SetAction((parsed, _) => new Measurement(services, parsed.GetValue(json))
            .Run([Scenario], new PlanRequest { Quick = true }, parsed.GetValue(folder), CommandText.Of(parsed)));
    }
}
