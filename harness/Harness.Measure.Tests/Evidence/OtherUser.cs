using System.Runtime.ExceptionServices;
using System.Runtime.InteropServices;

namespace Harness.Measure.Tests;

/// <summary>
/// Runs something as a user without any rights, in a thread that is thrown away. The kernel keeps a user a thread; the C library's function would change all
/// of them, so the calls are made past it.
/// </summary>
internal static class OtherUser
{
    public const int Nobody = 65534;

    public static void SkipUnlessRoot() =>
        Assert.SkipUnless(Environment.UserName == "root", "only root can become another user: sudo");

    public static void Run(Action action)
    {
        ExceptionDispatchInfo? failure = null;
        Thread thread = new(() =>
        {
            try
            {
                Become();
                action();
            }
            catch (Exception e)
            {
                failure = ExceptionDispatchInfo.Capture(e);
            }
        });
        thread.Start();
        thread.Join();
        failure?.Throw();
    }

    private static void Become()
    {
        SystemCall call = Marshal.GetDelegateForFunctionPointer<SystemCall>(NativeLibrary.GetExport(NativeLibrary.Load("libc.so.6"), "syscall"));
        (nint groups, nint group, nint user) = RuntimeInformation.ProcessArchitecture == Architecture.Arm64 ? (159, 149, 147) : ((nint)116, (nint)119, (nint)117);
        Assert.Equal(0, call(groups, 0, 0, 0));
        Assert.Equal(0, call(group, Nobody, Nobody, Nobody));
        Assert.Equal(0, call(user, Nobody, Nobody, Nobody));
    }

    private delegate nint SystemCall(nint number, nint first, nint second, nint third);
}
