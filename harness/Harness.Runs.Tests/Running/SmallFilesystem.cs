using System.Diagnostics;

namespace Harness.Runs.Tests.Running;

/// <summary>A filesystem of a few megabytes in memory, so that a full disk is a real one.</summary>
internal sealed class SmallFilesystem : IDisposable
{
    private readonly string _mountPoint = Directory.CreateTempSubdirectory("small-disk-").FullName;

    private SmallFilesystem()
    {
    }

    public string Path => _mountPoint;

    public static SmallFilesystem MountOrSkip(int mebibytes)
    {
        Assert.SkipUnless(System.Environment.IsPrivilegedProcess, "mounting a small filesystem needs root: sudo ./run-bench.sh test");
        SmallFilesystem filesystem = new();
        Run("mount", "-t", "tmpfs", "-o", $"size={mebibytes}m", "tmpfs", filesystem.Path);
        return filesystem;
    }

    public void Dispose()
    {
        Run("umount", "-l", Path);
        Directory.Delete(_mountPoint);
    }

    private static void Run(string command, params string[] arguments)
    {
        using Process process = Process.Start(command, arguments);
        process.WaitForExit();
        Assert.Equal(0, process.ExitCode);
    }
}
