using Harness.Runs;
using Spectre.Console;

namespace Harness.Cli.Progress;

/// <summary>Chooses how progress is shown. It goes to standard error, so that standard output holds results alone.</summary>
internal static class ProgressDisplay
{
    public static async Task<T> Show<T>(Services services, Func<IRunProgress, Task<T>> body)
    {
        if (!services.Terminal)
        {
            return await body(new PlainProgress(services.Error));
        }

        IAnsiConsole console = AnsiConsole.Create(new AnsiConsoleSettings { Out = new AnsiConsoleOutput(services.Error) });
        return await LiveProgress.Show(console, TimeProvider.System, body);
    }
}
