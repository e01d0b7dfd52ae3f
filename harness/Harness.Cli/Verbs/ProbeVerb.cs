using System.CommandLine;
using Harness.Cli.Progress;
using Harness.Runs;
using Results;

namespace Harness.Cli.Verbs;

/// <summary><c>probe</c>: fingerprint and ceilings of this machine, kept until it starts again.</summary>
internal static class ProbeVerb
{
    public static Command Create(Option<bool> json, Services services)
    {
        Option<string?> data = new("--data")
        {
            Description = "Folder on the filesystem to be measured; by default where runs keep the brokers' data, results/runs",
            HelpName = "DIR",
        };
        data.Validators.Add(result =>
        {
            if (result.Tokens is [{ Value.Length: 0 }])
            {
                result.AddError("--data needs the name of a folder");
            }
        });
        Option<bool> fresh = new("--fresh") { Description = "Measures again, whatever is known since the machine started" };
        Option<bool> tools = new("--against-tools") { Description = "Measures by fio and iperf3 too, in turns, and compares" };
        Option<string?> folder = MeasuringOptions.Out();
        Command command = new("probe", "Measure what this machine carries: memory, checksum, sockets, page cache, disk") { data, fresh, tools, folder };
        command.SetAction(async (parsed, _) =>
        {
            bool asJson = parsed.GetValue(json);
            string runs = Path.Combine(services.RepositoryRoot, "results", "runs");
            if (parsed.GetValue(data) is null)
            {
                Directory.CreateDirectory(runs);
            }

            ProbeOptions options = new()
            {
                DataDirectory = parsed.GetValue(data) ?? runs,
                OutDirectory = parsed.GetValue(folder),
                RunsRoot = runs,
                CacheDirectory = ProbeRun.DefaultCacheDirectory(),
                Fresh = parsed.GetValue(fresh),
                AgainstTools = parsed.GetValue(tools),
                Command = CommandText.Of(parsed),
            };
            RunOutput output = new(services, asJson);
            using Interrupts interrupts = new(services.Error);
            (RunResult result, RunFolder place) = await ProgressDisplay.Show(services, progress => services.Probe(options, progress, interrupts.Token));
            output.Show(result, place);
            return output.Finish(interrupts.Token.IsCancellationRequested);
        });
        return command;
    }
}
