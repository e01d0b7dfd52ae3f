using System.CommandLine;
using Harness.Runs.Claims;
using Harness.Runs.Scenarios;

namespace Harness.Cli.Verbs;

/// <summary>No verb: the headline claim and the ladder of techniques in their quick forms, which is what a newcomer should see first.</summary>
internal static class HeadlineVerb
{
    public static void AddTo(RootCommand root, Option<bool> json, Services services)
    {
        Option<string?> folder = MeasuringOptions.Out();
        root.Options.Add(folder);
        root.SetAction((parsed, _) => new Measurement(services, parsed.GetValue(json)).Run(
            [ClaimPlans.Headline(new ScenarioCatalog(services.RepositoryRoot))], quick: true, parsed.GetValue(folder), CommandText.Of(parsed)));
    }
}
