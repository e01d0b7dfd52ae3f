using System.ComponentModel;
using System.Diagnostics;

namespace Engine.Server.Tests;

/// <summary>Commands under which system calls of the engine fail, or are its last ones. strace counts the calls of each thread by itself.</summary>
internal static class Strace
{
    /// <param name="calls">Their names, with commas between them.</param>
    /// <param name="fault">What happens and when, as strace takes it: <c>error=EIO:when=3</c>.</param>
    /// <param name="path">Only calls on this file count.</param>
    public static string[] InjectOrSkip(string calls, string fault, string? path = null)
    {
        string unusable = WhyUnusable();
        Assert.SkipUnless(unusable.Length == 0, unusable);

        // Detached, so that the engine is this process's own child. With the filter only these calls are slowed down; signals do not come with it.
        string[] filter = fault.StartsWith("signal", StringComparison.Ordinal) ? [] : ["--seccomp-bpf"];
        string[] file = path is null ? [] : ["-P", path];
        return
        [
            "strace", "-D", "-f", .. filter, "-o", "/dev/null", .. file,
            "-e", $"trace={calls}", "-e", $"inject={calls}:{fault}",
        ];
    }

    private static string WhyUnusable()
    {
        try
        {
            using Process probe = Process.Start(new ProcessStartInfo("strace", ["-f", "-o", "/dev/null", "true"]) { RedirectStandardError = true })!;
            string said = probe.StandardError.ReadToEnd();
            probe.WaitForExit();
            return probe.ExitCode == 0 ? "" : $"strace may not trace here: {said.Trim()}";
        }
        catch (Win32Exception)
        {
            return "strace is not installed: apt-get install strace";
        }
    }
}
