using System.ComponentModel;
using System.Diagnostics;
using Engine.Linux;

namespace Harness.Targets;

/// <summary>
/// A broker's process from its start to its end. Its output is read all the time; its standard input stays open for as long as
/// it lives, so that a broker which watches it ends with us, however we end.
/// <para>
/// It is started with SIGINT ignored, by way of a shell that then becomes the broker: a terminal sends Ctrl-C to every process
/// in the foreground, and a broker that ended by itself would turn an interrupted run into a failed one. It is ours to stop.
/// </para>
/// One owner starts and stops it; <see cref="Exited"/> completes on the thread pool.
/// </summary>
internal sealed class BrokerProcess : IAsyncDisposable
{
    private const string IgnoreInterruptThenRun = "trap '' INT; exec \"$0\" \"$@\"";

    /// <summary>
    /// The same for a broker that does not watch its standard input: a child of it does, and kills it when that ends. Should the broker end
    /// first, the child is then no longer its child and leaves whoever has its number alone.
    /// </summary>
    private const string WatchThenRun = """
        trap '' INT
        exec 3<&0
        sh -c 'while read -r _ <&3; do :; done; read -r stat < /proc/self/stat; set -- "$1" $stat; [ "$5" != "$1" ] || kill -KILL "$1"' watch $$ >/dev/null 2>&1 &
        exec 3<&- "$0" "$@"
        """;

    /// <summary>How long after the end of the process its output may still be read: a child of it may hold the pipes open.</summary>
    private static readonly TimeSpan OutputGrace = TimeSpan.FromSeconds(1);

    /// <summary>How long a killed process may take to be gone: with much memory or a hung disk the kernel is not instant.</summary>
    private static readonly TimeSpan KillGrace = TimeSpan.FromSeconds(10);

    private readonly Process _process;
    private readonly LineRing _output = new();
    private readonly LineRing _errors = new();
    private readonly TaskCompletionSource<string?> _firstLine = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly Task<TargetExit> _exited;
    private volatile bool _asked;
    private volatile bool _forced;

    private BrokerProcess(Process process)
    {
        _process = process;
        Id = process.Id;
        Task output = Pump("broker output", process.StandardOutput, _output, line => _firstLine.TrySetResult(line));
        Task errors = Pump("broker errors", process.StandardError, _errors, null);
        _exited = WatchAsync(Task.WhenAll(output, errors));
    }

    internal int Id { get; }

    /// <summary>Completes when the process has ended and what it said last has been read.</summary>
    internal Task<TargetExit> Exited => _exited;

    /// <summary>The first line of its standard output; null when that ended without one.</summary>
    internal Task<string?> FirstOutputLine => _firstLine.Task;

    internal IReadOnlyList<string> LastErrorLines => _errors.Snapshot();

    internal IReadOnlyList<string> LastOutputLines => _output.Snapshot();

    /// <summary>Starts <paramref name="executable"/> with <paramref name="environment"/> on top of our own.</summary>
    /// <param name="endWithUs">True for a broker that would live on when we end without ending it.</param>
    internal static BrokerProcess Start(
        string executable, IEnumerable<string> arguments, IReadOnlyDictionary<string, string> environment, bool endWithUs = false)
    {
        if (!File.Exists(executable))
        {
            throw new TargetException($"there is no program {executable}");
        }

        ProcessStartInfo start = new("/bin/sh", ["-c", endWithUs ? WatchThenRun : IgnoreInterruptThenRun, executable, .. arguments])
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            UseShellExecute = false,
        };
        foreach ((string name, string value) in environment)
        {
            start.Environment[name] = value;
        }

        try
        {
            return new BrokerProcess(Process.Start(start)!);
        }
        catch (Win32Exception e)
        {
            throw new TargetException($"{executable} cannot be started: {e.Message}", e);
        }
    }

    /// <summary>Asks it to end by SIGTERM, and kills it when it has not after <paramref name="grace"/>.</summary>
    internal async Task<TargetExit> StopAsync(TimeSpan grace)
    {
        if (!_process.HasExited)
        {
            _asked = true;
            Processes.Send(Id, Signal.Terminate);
            if (!await EndsWithinAsync(grace))
            {
                await KillAsync();
            }
        }

        return await _exited;
    }

    /// <summary>Ends it at once, with everything it started.</summary>
    internal async Task<TargetExit> KillAsync()
    {
        if (!_process.HasExited)
        {
            _asked = true;
            _forced = true;
            _process.Kill(entireProcessTree: true);
            if (!await EndsWithinAsync(KillGrace))
            {
                throw new TargetException($"process {Id} was killed {KillGrace.TotalSeconds:0} s ago and is still there");
            }
        }

        return await _exited;
    }

    /// <summary>What our own end would do to it.</summary>
    internal void CloseInput() => _process.StandardInput.Dispose();

    /// <summary>Makes way for another start of the target; one that still runs is the caller's mistake.</summary>
    internal async Task DisposeEndedAsync(string target)
    {
        if (!Exited.IsCompleted)
        {
            throw new InvalidOperationException($"target {target} is running");
        }

        await DisposeAsync();
    }

    public async ValueTask DisposeAsync()
    {
        await KillAsync();
        _process.StandardInput.Dispose();
        _process.StandardOutput.Dispose();
        _process.StandardError.Dispose();
        _process.Dispose();
    }

    private async Task<bool> EndsWithinAsync(TimeSpan time)
    {
        using CancellationTokenSource over = new(time);
        try
        {
            await _process.WaitForExitAsync(over.Token);
            return true;
        }
        catch (OperationCanceledException)
        {
            return false;
        }
    }

    private async Task<TargetExit> WatchAsync(Task outputRead)
    {
        await _process.WaitForExitAsync();
        await Task.WhenAny(outputRead, Task.Delay(OutputGrace));
        return new TargetExit(Id, _process.ExitCode, _asked, _forced, _errors.Snapshot());
    }

    /// <summary>Reads to the end, on a thread of its own: a broker that logs each of its segments says a dozen lines a second, and a thread that waits allocates nothing for them.</summary>
    private Task Pump(string name, StreamReader from, LineRing into, Action<string>? onLine)
    {
        TaskCompletionSource ended = new(TaskCreationOptions.RunContinuationsAsynchronously);
        new Thread(Read) { Name = name, IsBackground = true }.Start();
        return ended.Task;

        void Read()
        {
            Span<char> chars = stackalloc char[2048];
            try
            {
                int n;
                while ((n = from.Read(chars)) > 0)
                {
                    into.Add(chars[..n], onLine);
                }
            }
            catch (Exception e) when (e is IOException or ObjectDisposedException)
            {
                // Ours was closed under the reader, after a process that had ended left the pipe to a child: nothing more is wanted.
            }

            into.Finish();
            if (onLine is not null)
            {
                _firstLine.TrySetResult(null);
            }

            ended.SetResult();
        }
    }
}
