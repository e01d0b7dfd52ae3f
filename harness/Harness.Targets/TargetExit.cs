namespace Harness.Targets;

/// <summary>How a target's process ended.</summary>
/// <param name="ExitCode">The process's exit code; 128 and the signal's number when a signal ended it.</param>
/// <param name="Asked">It was being stopped. False: it died by itself or by somebody else's hand.</param>
/// <param name="Forced">It did not end on SIGTERM and was killed.</param>
/// <param name="LastErrorLines">The last lines of its standard error, oldest first.</param>
public sealed record TargetExit(int ProcessId, int ExitCode, bool Asked, bool Forced, IReadOnlyList<string> LastErrorLines)
{
    private const int SignalBase = 128;

    /// <summary>One line: how it ended, and the last thing it said.</summary>
    public string Describe()
    {
        string how = ExitCode > SignalBase && ExitCode < SignalBase + 65
            ? $"was ended by signal {ExitCode - SignalBase}{SignalName(ExitCode - SignalBase)}"
            : $"ended with exit code {ExitCode}";
        return LastErrorLines.Count > 0 ? $"process {ProcessId} {how}; it last said: {LastErrorLines[^1]}" : $"process {ProcessId} {how}";
    }

    private static string SignalName(int number) => number switch
    {
        2 => " (SIGINT)",
        6 => " (SIGABRT)",
        7 => " (SIGBUS)",
        9 => " (SIGKILL)",
        11 => " (SIGSEGV)",
        15 => " (SIGTERM)",
        _ => "",
    };
}
