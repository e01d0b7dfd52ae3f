using System.Runtime.InteropServices;

namespace Engine.Server.Tests;

/// <summary>
/// Makes a file that this process has open one that takes every write and cannot be flushed, as a disk is that fails behind the page cache: the
/// descriptor becomes one of /dev/null.
/// </summary>
internal static class FailingFile
{
    private delegate int Duplicate(int from, int to);

    public static void MakeFlushFail(string path)
    {
        int number = int.Parse(Path.GetFileName(Directory.GetFiles("/proc/self/fd").Single(fd => Target(fd) == path)), null);
        using FileStream nothing = File.OpenWrite("/dev/null");
        Duplicate dup2 = Marshal.GetDelegateForFunctionPointer<Duplicate>(
            NativeLibrary.GetExport(NativeLibrary.Load("libc.so.6"), "dup2"));
        Assert.Equal(number, dup2((int)nothing.SafeFileHandle.DangerousGetHandle(), number));
    }

    private static string? Target(string descriptor)
    {
        try
        {
            return File.ResolveLinkTarget(descriptor, returnFinalTarget: false)?.FullName;
        }
        catch (IOException)
        {
            return null; // Another test has closed it meanwhile.
        }
    }
}
