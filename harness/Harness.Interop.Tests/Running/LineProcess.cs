using System.ComponentModel;
using System.Diagnostics;
using System.Threading.Channels;

namespace Harness.Interop.Tests.Running;

/// <summary>
/// A program that is talked to in lines. It ends when it is told so by the end of its input, and when it is disposed of at the latest; if the
/// tests are killed, their end of its input goes too.
/// </summary>
internal sealed class LineProcess : IAsyncDisposable
{
    private const int ErrorLinesLimit = 30;

    private readonly Process _process;
    private readonly Channel<string> _output = Channel.CreateUnbounded<string>();
    private readonly Queue<string> _errors = new();

    private LineProcess(Process process)
    {
        _process = process;
        process.ErrorDataReceived += (_, e) => Remember(e.Data);
        process.BeginErrorReadLine();
        _ = Task.Run(ReadOutputAsync);
    }

    public int Id => _process.Id;

    public bool HasExited => _process.HasExited;

    /// <summary>The last lines that it wrote to its standard error.</summary>
    public string Errors
    {
        get
        {
            lock (_errors)
            {
                return string.Join('\n', _errors);
            }
        }
    }

    /// <summary>Called for each line of standard error, from the thread that reads it; set before anything is to be heard.</summary>
    public Action<string>? OnErrorLine { get; set; }

    public static LineProcess Start(string program, IEnumerable<string> arguments, IReadOnlyDictionary<string, string>? environment = null)
    {
        ProcessStartInfo start = new(program, arguments) { RedirectStandardInput = true, RedirectStandardOutput = true, RedirectStandardError = true };
        foreach ((string name, string value) in environment ?? new Dictionary<string, string>())
        {
            start.Environment[name] = value;
        }

        try
        {
            return new LineProcess(Process.Start(start)!);
        }
        catch (Win32Exception e)
        {
            throw new InvalidOperationException($"{program} cannot be started: {e.Message}", e);
        }
    }

    public async Task WriteLineAsync(string line, CancellationToken cancellation)
    {
        await _process.StandardInput.WriteLineAsync(line.AsMemory(), cancellation);
        await _process.StandardInput.FlushAsync(cancellation);
    }

    /// <summary>Null when it has closed its output, which is when it has ended.</summary>
    public async Task<string?> ReadLineAsync(TimeSpan timeout, CancellationToken cancellation)
    {
        using CancellationTokenSource over = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        over.CancelAfter(timeout);
        try
        {
            return await _output.Reader.WaitToReadAsync(over.Token) && _output.Reader.TryRead(out string? line) ? line : null;
        }
        catch (OperationCanceledException) when (!cancellation.IsCancellationRequested)
        {
            throw new TimeoutException($"{_process.StartInfo.FileName} said nothing for {timeout.TotalSeconds:0} s; on its standard error: {Errors}");
        }
    }

    public IAsyncEnumerable<string> ReadLinesAsync() => _output.Reader.ReadAllAsync();

    public void CloseInput() => _process.StandardInput.Close();

    /// <summary>SIGKILL: it has no chance to say goodbye to anybody.</summary>
    public void Kill() => _process.Kill();

    /// <summary>SIGTERM, which .NET has no way to send.</summary>
    public async Task TerminateAsync()
    {
        using Process kill = Process.Start("kill", ["-TERM", $"{_process.Id}"]);
        await kill.WaitForExitAsync();
    }

    public Task WaitForExitAsync(CancellationToken cancellation) => _process.WaitForExitAsync(cancellation);

    public async ValueTask DisposeAsync()
    {
        if (!_process.HasExited)
        {
            _process.Kill(entireProcessTree: true);
        }

        await _process.WaitForExitAsync();
        _process.Dispose();
    }

    private async Task ReadOutputAsync()
    {
        while (await _process.StandardOutput.ReadLineAsync() is { } line)
        {
            await _output.Writer.WriteAsync(line);
        }

        _output.Writer.Complete();
    }

    private void Remember(string? line)
    {
        if (line is null)
        {
            return;
        }

        lock (_errors)
        {
            _errors.Enqueue(line);
            if (_errors.Count > ErrorLinesLimit)
            {
                _errors.Dequeue();
            }
        }

        OnErrorLine?.Invoke(line);
    }
}
