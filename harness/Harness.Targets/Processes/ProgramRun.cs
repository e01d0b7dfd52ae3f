using System.ComponentModel;
using System.Diagnostics;

namespace Harness.Targets;

/// <summary>Programs that are run to their end for what they do or say.</summary>
internal static class ProgramRun
{
    /// <summary>Runs a program to its end and gives what it said on both its outputs.</summary>
    /// <param name="environment">On top of our own.</param>
    /// <exception cref="TargetException">It is not there, failed, or took too long.</exception>
    public static async Task<string> RunAsync(
        string program,
        IEnumerable<string> arguments,
        TimeSpan timeout,
        CancellationToken cancellation,
        IReadOnlyDictionary<string, string>? environment = null)
    {
        ProcessStartInfo start = new(program, arguments) { RedirectStandardOutput = true, RedirectStandardError = true, RedirectStandardInput = true };
        foreach ((string name, string value) in environment ?? new Dictionary<string, string>())
        {
            start.Environment[name] = value;
        }

        using Process process = Start(start);
        process.StandardInput.Close();
        using CancellationTokenSource over = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        over.CancelAfter(timeout);
        try
        {
            Task<string> output = process.StandardOutput.ReadToEndAsync(over.Token);
            Task<string> errors = process.StandardError.ReadToEndAsync(over.Token);
            await process.WaitForExitAsync(over.Token);
            string said = $"{await output}\n{await errors}".Trim();
            return process.ExitCode == 0
                ? said
                : throw new TargetException($"{Path.GetFileName(program)} failed with exit code {process.ExitCode}: {Cause(said)}");
        }
        catch (OperationCanceledException)
        {
            process.Kill(entireProcessTree: true);
            cancellation.ThrowIfCancellationRequested();
            throw new TargetException($"{Path.GetFileName(program)} did not end within {timeout.TotalSeconds:0} s");
        }
    }

    /// <summary>The last line that is not of a Java stack trace.</summary>
    private static string Cause(string said) =>
        said.Split('\n').LastOrDefault(line => line.Length > 0 && !line.TrimStart().StartsWith("at ", StringComparison.Ordinal)) ?? "it said nothing";

    private static Process Start(ProcessStartInfo start)
    {
        try
        {
            return Process.Start(start)!;
        }
        catch (Win32Exception e)
        {
            throw new TargetException($"{start.FileName} cannot be started: {e.Message}", e);
        }
    }
}
