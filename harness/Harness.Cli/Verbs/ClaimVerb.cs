using System.CommandLine;
using Harness.Runs.Claims;

namespace Harness.Cli.Verbs;

/// <summary><c>claim [ID…]</c>: puts the claims to the test on one target, and ends with a verdict on each.</summary>
internal static class ClaimVerb
{
    public static Command Create(Option<bool> json, Services services)
    {
        Argument<string[]> ids = new("ID")
        {
            Description = $"Claims to put to the test ({ClaimPlans.Ids[0]} to {ClaimPlans.Ids[^1]}); without any, all of them",
            Arity = ArgumentArity.ZeroOrMore,
        };
        Option<string> target = new("--target")
        {
            Description = "The broker on trial",
            HelpName = "TARGET",
            DefaultValueFactory = _ => "engine",
        };
        Option<bool> full = new("--full") { Description = "Every combination, at full length" };
        Option<bool> quick = new("--quick") { Description = "Fewer and shorter trials; no interval is given, so claims that need one stay open" };
        Option<string?> folder = MeasuringOptions.Out();
        Option<bool> dryRun = new("--dry-run") { Description = "Shows the trials, the time and the space that they need, and starts nothing" };
        Command command = new("claim", "Put the claims to the test: verdict and evidence, per target") { ids, target, full, quick, folder, dryRun };
        command.Validators.Add(parsed =>
        {
            if (parsed.GetValue(full) && parsed.GetValue(quick))
            {
                parsed.AddError("--full and --quick ask for opposite things");
            }
        });
        command.SetAction((parsed, _) =>
        {
            ClaimRun run = new(services, parsed.GetValue(json));
            ClaimRequest request = new()
            {
                Ids = parsed.GetValue(ids) ?? [],
                Target = parsed.GetValue(target)!,
                Full = parsed.GetValue(full),
                Quick = parsed.GetValue(quick),
                HasKafka = Environment.GetEnvironmentVariable("KAFKA_HOME") is { Length: > 0 },
            };
            return parsed.GetValue(dryRun) ? Task.FromResult(run.Show(request)) : run.Run(request, parsed.GetValue(folder), CommandText.Of(parsed));
        });
        return command;
    }
}
