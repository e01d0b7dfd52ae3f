using System.Diagnostics;

namespace Harness.Measure.Tests;

/// <summary>
/// A small program that makes exactly the system calls that a test asks for, when it asks: Python, whose os module is a thin cover over them and which makes none of
/// these calls for itself. One line of program text a step.
/// </summary>
internal sealed class ScriptedProcess : IDisposable
{
    private const string Python = "/usr/bin/python3";

    /// <summary>Runs each line that it is given and answers with one of its own.</summary>
    private const string Loop = """
        import os, socket, sys, threading, time
        print("ready", flush=True)
        for line in sys.stdin:
            exec(line.strip().replace("\\n", "\n"))
            print("done", flush=True)
        """;

    private readonly Process _process;
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("harness-evidence-");

    private ScriptedProcess(int? user)
    {
        string[] command = user is { } id ? ["setpriv", $"--reuid={id}", $"--regid={id}", "--clear-groups", Python, "-c", Loop] : [Python, "-c", Loop];
        if (user is not null)
        {
            _folder.UnixFileMode = (UnixFileMode)0b111_111_111;
        }

        ProcessStartInfo start = new(command[0], command[1..]) { RedirectStandardInput = true, RedirectStandardOutput = true, WorkingDirectory = _folder.FullName };
        _process = Process.Start(start)!;
        Assert.Equal("ready", _process.StandardOutput.ReadLine());
    }

    public int Id => _process.Id;

    /// <param name="user">Whose it shall be; null for this process's own.</param>
    public static ScriptedProcess StartOrSkip(int? user = null)
    {
        Assert.SkipUnless(File.Exists(Python), "there is no python3: apt-get install python3");
        return new ScriptedProcess(user);
    }

    /// <summary>What follows needs tracepoints.</summary>
    public static void SkipWithoutTracepoints() => Assert.SkipWhen(new TraceEvents().Missing is not null, new TraceEvents().Missing ?? "");

    /// <summary>Returns when the steps have been done.</summary>
    public void Do(params string[] lines)
    {
        _process.StandardInput.WriteLine(string.Join("\\n", lines));
        _process.StandardInput.Flush();
        Assert.Equal("done", _process.StandardOutput.ReadLine());
    }

    public void Kill()
    {
        _process.Kill();
        _process.WaitForExit();
    }

    public void Dispose()
    {
        if (!_process.HasExited)
        {
            Kill();
        }

        _process.Dispose();
        _folder.Delete(recursive: true);
    }
}
