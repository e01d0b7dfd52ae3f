using System.CommandLine;
using Harness.Runs.Scenarios;

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
        Option<string[]> targets = new("--target")
        {
            Description = "A broker to drive in place of the scenario's; may be given several times",
            HelpName = "TARGET",
            Arity = ArgumentArity.OneOrMore,
            AllowMultipleArgumentsPerToken = false,
        };
        Option<string[]> settings = new("--set")
        {
            Description = "Changes a value of the scenario, such as message.size=100B; may be given several times",
            HelpName = "PATH=VALUE",
            Arity = ArgumentArity.OneOrMore,
            AllowMultipleArgumentsPerToken = false,
        };
        Option<int?> repeat = new("--repeat") { Description = "Blocks of trials, in place of the scenario's", HelpName = "N" };
        Option<string?> folder = MeasuringOptions.Out();
        Option<bool> quick = new("--quick") { Description = "Fewer and shorter trials; no interval is given" };
        Option<string?> junit = new("--junit") { Description = "Writes the verdicts as JUnit test cases too", HelpName = "FILE" };
        Option<bool> profile = new("--profile") { Description = "Samples where the brokers spend their CPU time: shares, folded stacks and a flame graph of each; costs them a little" };
        Option<bool> dryRun = new("--dry-run") { Description = "Shows the trials, the time and the space that they need, and starts nothing" };
        Command command = new("run", "Run scenarios and judge them") { scenarios, targets, settings, repeat, folder, quick, junit, profile, dryRun };
        command.SetAction((parsed, _) =>
        {
            Measurement measurement = new(services, parsed.GetValue(json)) { Profile = parsed.GetValue(profile) };
            PlanRequest request = new()
            {
                Targets = parsed.GetValue(targets) ?? [],
                Settings = parsed.GetValue(settings) ?? [],
                Repeat = parsed.GetValue(repeat),
                Quick = parsed.GetValue(quick),
            };
            string[] names = parsed.GetValue(scenarios)!;
            return parsed.GetValue(dryRun)
                ? Task.FromResult(measurement.Show(names, request))
                : measurement.Run(names, request, parsed.GetValue(folder), CommandText.Of(parsed), parsed.GetValue(junit));
        });
        return command;
    }
}
