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
    public static EngineProcess Start(string dataDirectory, params string[] arguments) => StartUnder([], dataDirectory, arguments);

    /// <summary>Starts as the command of another program, which has to become the engine itself, and waits until it is ready.</summary>
    public static EngineProcess StartUnder(string[] command, string dataDirectory, params string[] arguments)
    {
        EngineProcess engine = LaunchServer(command, dataDirectory, arguments);
        Assert.True(engine.WaitUntilReady(out string said), $"no ready line: '{said}' {engine.Errors}");
        return engine;
    }

    /// <summary>The same of an engine that may die on the way: null when it has.</summary>
    public static EngineProcess? TryStartUnder(string[] command, string dataDirectory, params string[] arguments)
    {
        EngineProcess engine = LaunchServer(command, dataDirectory, arguments);
        if (engine.WaitUntilReady(out _))
        {
            return engine;
        }

        engine._process.WaitForExit();
        engine.Dispose();
        return null;
    }

    /// <summary>Starts and is killed after so long, ready or not.</summary>
    public static void StartAndKill(string dataDirectory, TimeSpan after, params string[] arguments)
    {
        using EngineProcess engine = LaunchServer([], dataDirectory, arguments);
        engine._process.WaitForExit(after);
        engine.Kill();
    }

    /// <summary>Runs to its end with arguments that it is expected to refuse.</summary>
    public static (int ExitCode, string Errors) Run(params string[] arguments) => RunUnder([], arguments);

    /// <summary>The same as the command of another program, which has to become the engine itself.</summary>
    public static (int ExitCode, string Errors) RunUnder(string[] command, params string[] arguments)
    {
        using EngineProcess engine = Launch([.. command, Executable, .. arguments]);
        Assert.True(engine.WaitForExit(), "it serves where it had to refuse: " + engine.Errors);

        // Without a limit it waits for the end of standard error too.
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

    /// <summary>Waits for its end, at most a minute; false when it is still there.</summary>
    public bool WaitForExit() => _process.WaitForExit(TimeSpan.FromMinutes(1));

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

    private bool WaitUntilReady(out string said)
    {
        said = _process.StandardOutput.ReadLine() ?? "";
        if (!said.StartsWith("ready ", StringComparison.Ordinal))
        {
            return false;
        }

        Dictionary<string, string> fields = said.Split(' ').Skip(1).Select(f => f.Split('=', 2)).ToDictionary(f => f[0], f => f[1]);
        EndPoint = IPEndPoint.Parse(fields["listen"]);
        Metrics = IPEndPoint.Parse(fields["metrics"]);
        Assert.Equal(Id, int.Parse(fields["pid"], CultureInfo.InvariantCulture));
        return true;
    }

    private static EngineProcess LaunchServer(string[] command, string dataDirectory, string[] arguments) =>
        Launch([.. command, Executable, "--listen", "127.0.0.1:0", "--metrics", "127.0.0.1:0", "--data", dataDirectory, .. arguments]);

    private static EngineProcess Launch(string[] command)
    {
        ProcessStartInfo start = new(command[0], command[1..])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        start.Environment["DOTNET_ROOT"] = Path.GetFullPath(
            Path.Combine(System.Runtime.InteropServices.RuntimeEnvironment.GetRuntimeDirectory(), "../../.."));
        return new EngineProcess(Process.Start(start)!);
    }
}
