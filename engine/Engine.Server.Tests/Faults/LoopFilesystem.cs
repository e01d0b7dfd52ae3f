using System.ComponentModel;
using System.Diagnostics;
using System.Runtime.InteropServices;

namespace Engine.Server.Tests;

/// <summary>
/// An ext4 filesystem in a file, whose machine can lose its power: what was not on the device then is gone, which the death of a process does not do,
/// for the kernel keeps what that wrote.
/// </summary>
internal sealed class LoopFilesystem : IDisposable
{
    /// <summary>EXT4_IOC_SHUTDOWN: _IOR('X', 125, __u32) (fs/ext4/ext4.h).</summary>
    private const ulong ShutDown = 0x8004587D;

    /// <summary>EXT4_GOING_FLAGS_NOLOGFLUSH: without writing the journal first.</summary>
    private const uint WithoutJournal = 2;

    private readonly TemporaryDirectory _folder = new();
    private bool _isMounted;

    private LoopFilesystem()
    {
    }

    private delegate int IoControl(int fd, ulong request, ref uint argument);

    /// <summary>Where it is mounted.</summary>
    public string Path => System.IO.Path.Combine(_folder.Path, "mounted");

    private string Image => System.IO.Path.Combine(_folder.Path, "image");

    public static LoopFilesystem MountOrSkip(int mebibytes)
    {
        Assert.SkipUnless(Environment.IsPrivilegedProcess, "mounting a filesystem needs root: sudo ./run-bench.sh test");
        LoopFilesystem filesystem = new();
        try
        {
            Directory.CreateDirectory(filesystem.Path);
            using (FileStream image = File.Create(filesystem.Image))
            {
                image.SetLength((long)mebibytes << 20);
            }

            string fault = Run("mkfs.ext4", "-q", "-F", filesystem.Image);
            Assert.SkipUnless(fault.Length == 0, $"no ext4 can be made: {fault}; apt-get install e2fsprogs");
            fault = filesystem.TryMount();
            Assert.SkipUnless(fault.Length == 0, $"a file cannot be mounted here: {fault}");
            return filesystem;
        }
        catch
        {
            filesystem.Dispose();
            throw;
        }
    }

    /// <summary>From now on nothing reaches the device, and every write fails.</summary>
    public void LosePower()
    {
        using FileStream file = File.Create(System.IO.Path.Combine(Path, "power"));
        IoControl ioctl = Marshal.GetDelegateForFunctionPointer<IoControl>(NativeLibrary.GetExport(NativeLibrary.Load("libc.so.6"), "ioctl"));
        uint flags = WithoutJournal;
        Assert.Equal(0, ioctl((int)file.SafeFileHandle.DangerousGetHandle(), ShutDown, ref flags));
    }

    /// <summary>Mounts it again, with nothing but what the device had.</summary>
    public void Restart()
    {
        Unmount();
        Assert.Equal("", TryMount());
    }

    public void Dispose()
    {
        if (_isMounted)
        {
            Unmount();
        }

        _folder.Dispose();
    }

    private string TryMount()
    {
        string fault = Run("mount", "-o", "loop", Image, Path);
        _isMounted = fault.Length == 0;
        return fault;
    }

    private void Unmount()
    {
        // The kernel may be a moment behind with closing what a killed process had open.
        string fault = "";
        Assert.True(SpinWait.SpinUntil(() => (fault = Run("umount", Path)).Length == 0, TimeSpan.FromSeconds(30)), fault);
        _isMounted = false;
    }

    /// <summary>Not empty: why it failed.</summary>
    private static string Run(string command, params string[] arguments)
    {
        try
        {
            using Process process = Process.Start(new ProcessStartInfo(command, arguments) { RedirectStandardError = true })!;
            string said = process.StandardError.ReadToEnd().Trim();
            process.WaitForExit();
            return process.ExitCode == 0 ? "" : $"{command}: {said} (exit code {process.ExitCode})";
        }
        catch (Win32Exception e)
        {
            return $"{command}: {e.Message}";
        }
    }
}
