using System.CommandLine;

namespace Harness.Cli.Verbs;

/// <summary><c>run SCENARIO…</c>: one run after the other, each with a result of its own.</summary>
internal static class RunVerb
{
    public static Command Create(Option<bool> json, Services services)
    {
        Argument<string[]> scenarios = new("SCENARIO")
        {
            Description = "A scenario file, or the name of one under scenarios/",
            Arity = ArgumentArity.OneOrMore,
        };
        Option<string?> folder = MeasuringOptions.Out();
        Option<bool> quick = new("--quick") { Description = "Fewer and shorter trials; no interval is given" };
        Command command = new("run", "Run scenarios and judge them") { scenarios, folder, quick };
        command.SetAction((parsed, _) => new Measurement(services, parsed.GetValue(json))
            .Run(parsed.GetValue(scenarios)!, parsed.GetValue(quick), parsed.GetValue(folder), CommandText.Of(parsed)));
        return command;
    }
}
