using System.Diagnostics;

namespace Harness.Interop.Tests.Running;

/// <summary>Runs programs to their end.</summary>
internal static class ProgramRunner
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(120);

    /// <param name="input">For its standard input, which ends behind it.</param>
    public static async Task<ProgramOutput> RunAsync(
        string program,
        IEnumerable<string> arguments,
        byte[]? input,
        CancellationToken cancellation,
        IReadOnlyDictionary<string, string>? environment = null)
    {
        ProcessStartInfo start = new(program, arguments) { RedirectStandardInput = true, RedirectStandardOutput = true, RedirectStandardError = true };
        foreach ((string name, string value) in environment ?? new Dictionary<string, string>())
        {
            start.Environment[name] = value;
        }

        using Process process = Process.Start(start)!;
        using CancellationTokenSource over = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        over.CancelAfter(Limit);
        try
        {
            using MemoryStream output = new();
            Task reading = process.StandardOutput.BaseStream.CopyToAsync(output, over.Token);
            Task<string> errors = process.StandardError.ReadToEndAsync(over.Token);
            await WriteAsync(process, input, over.Token);
            await reading;
            await process.WaitForExitAsync(over.Token);
            return new ProgramOutput(process.ExitCode, output.ToArray(), await errors);
        }
        catch (OperationCanceledException)
        {
            process.Kill(entireProcessTree: true);
            cancellation.ThrowIfCancellationRequested();
            throw new TimeoutException($"{program} did not end within {Limit.TotalSeconds:0} s");
        }
    }

    private static async Task WriteAsync(Process process, byte[]? input, CancellationToken cancellation)
    {
        try
        {
            await process.StandardInput.BaseStream.WriteAsync(input ?? [], cancellation);
            process.StandardInput.Close();
        }
        catch (IOException)
        {
            // It ended without reading all of it; its exit code and its words say why.
        }
    }
}
