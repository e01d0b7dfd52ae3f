using System.CommandLine;
using Engine.Linux;
using Harness.Cli.Verbs;
using Harness.Runs.Scenarios;
using Harness.Targets;
using Results;

namespace Harness.Cli;

/// <summary>
/// From arguments to an exit code. Every error that a user can cause ends here as one line; anything else is a defect and
/// keeps its stack trace.
/// </summary>
internal static class CommandLine
{
    public const string VersionOption = "--version";

    public static async Task<int> Run(string[] args, Services services)
    {
        try
        {
            // All that follows belongs to the engine, --help included, so it must not meet our parser.
            if (args is [ServeVerb.Name, .. string[] rest])
            {
                return ServeVerb.Exec(rest);
            }

            RootCommand root = Build(services);
            ParseResult parsed = root.Parse(args, new ParserConfiguration { ResponseFileTokenReplacer = null });
            if (UsageErrors.Of(parsed) is { } error)
            {
                services.Error.WriteLine(error);
                return ExitCodes.Usage;
            }

            if (parsed.GetValue<bool>(VersionOption))
            {
                services.Out.WriteLine(ProductVersion.Line);
                return ExitCodes.Passed;
            }

            return await parsed.InvokeAsync(new InvocationConfiguration
            {
                EnableDefaultExceptionHandler = false,
                Output = services.Out,
                Error = services.Error,
                ProcessTerminationTimeout = null,
            });
        }
        catch (Exception e) when (ExitCodeOf(e) is { } code)
        {
            services.Error.WriteLine(e is OperationCanceledException ? "interrupted" : e.Message);
            return code;
        }
    }

    private static RootCommand Build(Services services)
    {
        RootCommand root = new("Drives log brokers by scenario, proves what they do, and compares them.");
        root.Directives.Clear();
        foreach (Option builtIn in root.Options.OfType<System.CommandLine.VersionOption>().ToArray())
        {
            root.Options.Remove(builtIn);
        }

        root.Options.Add(new Option<bool>(VersionOption) { Description = "Show version and commit", Recursive = true });
        Option<bool> json = new("--json") { Description = "Exactly one JSON document on standard output, all else on standard error", Recursive = true };
        root.Options.Add(json);
        HeadlineVerb.AddTo(root, json, services);
        root.Subcommands.Add(RunVerb.Create(json, services));
        root.Subcommands.Add(ProbeVerb.Create(json, services));
        root.Subcommands.Add(ServeVerb.Create());
        root.Subcommands.Add(DoctorVerb.Create(json, services));
        root.Subcommands.Add(TestVerb.Create(json, services));
        return root;
    }

    /// <summary>Null for what no user can cause.</summary>
    private static int? ExitCodeOf(Exception e) => e switch
    {
        ScenarioException => ExitCodes.Usage,
        TargetException target => target.ExitCode,
        SpaceException or IOException or UnauthorizedAccessException or LinuxException => ExitCodes.Environment,
        OperationCanceledException => ExitCodes.Interrupted,
        _ => null,
    };
}
