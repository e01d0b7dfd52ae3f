using System.CommandLine;
using Engine.Linux;
using Harness.Targets;

namespace Harness.Cli.Verbs;

/// <summary>
/// <c>serve</c>: becomes the engine. Replacing this process rather than starting another lets signals, the terminal and the
/// exit code reach whoever called without anyone between.
/// </summary>
internal static class ServeVerb
{
    public const string Name = "serve";

    /// <summary>Only for the list of verbs in the help: its arguments never come this far.</summary>
    public static Command Create() => new(Name, "Run the engine in the foreground; 'serve --help' lists its options");

    public static int Exec(IReadOnlyList<string> arguments)
    {
        Processes.Exec(EngineLocator.Find(), arguments);
        throw new InvalidOperationException("exec returned");
    }
}
