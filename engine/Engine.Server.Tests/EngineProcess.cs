using System.Diagnostics;
using System.Globalization;
using System.Net;

namespace Engine.Server.Tests;

/// <summary>The engine as its users run it: a process of its own on free ports, killed at the end if it is still there.</summary>
internal sealed class EngineProcess : IDisposable
{
    private static readonly string Executable = Path.Combine(AppContext.BaseDirectory, "engine");
    private readonly Process _process;
    private readonly List<string> _errors = [];

    private EngineProcess(Process process)
    {
        _process = process;
        process.ErrorDataReceived += (_, line) =>
        {
            lock (_errors)
            {
                _errors.Add(line.Data ?? "");
            }
        };
        process.BeginErrorReadLine();
    }

    public IPEndPoint EndPoint { get; private set; } = new(IPAddress.None, 0);
    public IPEndPoint? Metrics { get; private set; }
    public int Id => _process.Id;

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

    /// <summary>Starts and waits until it is ready.</summary>
    public static EngineProcess Start(string dataDirectory, params string[] arguments) => Start(dataDirectory, null, arguments);

    /// <param name="heapBytesMax">The most that the managed heap may take; null: no limit.</param>
    public static EngineProcess Start(string dataDirectory, long? heapBytesMax, string[] arguments)
    {
        EngineProcess engine = Launch(["--listen", "127.0.0.1:0", "--metrics", "127.0.0.1:0", "--data", dataDirectory, .. arguments], heapBytesMax);
        string ready = engine._process.StandardOutput.ReadLine() ?? "";
        Assert.True(ready.StartsWith("ready ", StringComparison.Ordinal), $"no ready line: '{ready}' {engine.Errors}");
        Dictionary<string, string> fields = ready.Split(' ').Skip(1).Select(f => f.Split('=', 2)).ToDictionary(f => f[0], f => f[1]);
        engine.EndPoint = IPEndPoint.Parse(fields["listen"]);
        engine.Metrics = IPEndPoint.Parse(fields["metrics"]);
        Assert.Equal(engine.Id, int.Parse(fields["pid"], CultureInfo.InvariantCulture));
        return engine;
    }

    /// <summary>Runs to its end with arguments that it is expected to refuse.</summary>
    public static (int ExitCode, string Errors) Run(params string[] arguments)
    {
        using EngineProcess engine = Launch(arguments);
        engine._process.WaitForExit();
        return (engine._process.ExitCode, engine.Errors.Trim());
    }

    /// <summary>Standard error arrives on its own time: waits until it holds the text, at most ten seconds.</summary>
    public bool WaitForLog(string text) =>
        SpinWait.SpinUntil(() => Errors.Contains(text, StringComparison.Ordinal), TimeSpan.FromSeconds(10));

    public int Terminate()
    {
        Linux.Processes.Send(Id, Linux.Signal.Terminate);
        _process.WaitForExit();
        return _process.ExitCode;
    }

    public void Kill()
    {
        _process.Kill();
        _process.WaitForExit();
    }

    /// <summary>Reads one counter from the metrics page.</summary>
    public Task<double> ReadMetric(string name) => MetricsReader.Read(Metrics!, name);

    public void Dispose()
    {
        if (!_process.HasExited)
        {
            _process.Kill();
            _process.WaitForExit();
        }

        _process.Dispose();
    }

    private static EngineProcess Launch(string[] arguments, long? heapBytesMax = null)
    {
        ProcessStartInfo start = new(Executable, arguments)
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        start.Environment["DOTNET_ROOT"] = Path.GetFullPath(
            Path.Combine(System.Runtime.InteropServices.RuntimeEnvironment.GetRuntimeDirectory(), "../../.."));
        if (heapBytesMax is { } bytes)
        {
            start.Environment["DOTNET_GCHeapHardLimit"] = bytes.ToString("x", CultureInfo.InvariantCulture);
        }

        return new EngineProcess(Process.Start(start)!);
    }
}
