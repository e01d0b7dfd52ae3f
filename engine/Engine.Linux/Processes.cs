using System.Text;

namespace Engine.Linux;

/// <summary>Signals the project sends (asm-generic/signal.h).</summary>
public enum Signal
{
    Interrupt = 2,
    Kill = 9,
    Terminate = 15,
    Continue = 18,
    Stop = 19,
}

/// <summary>What cannot be done to processes through System.Diagnostics.Process.</summary>
public static unsafe class Processes
{
    /// <summary>Sends a signal; false when the process is not there any more.</summary>
    public static bool Send(int pid, Signal signal)
    {
        if (Native.kill(pid, (int)signal) == 0)
        {
            return true;
        }

        Errno error = LinuxException.Last();
        return error == Errno.ESRCH ? false : throw new LinuxException("kill", error, $"pid {pid}");
    }

    /// <summary>
    /// Replaces this process by another program, environment kept: signals and the terminal then reach it directly.
    /// Returns only by throwing.
    /// </summary>
    public static void Exec(string path, IReadOnlyList<string> arguments)
    {
        List<string> environment = [];
        foreach (System.Collections.DictionaryEntry entry in Environment.GetEnvironmentVariables())
        {
            environment.Add($"{entry.Key}={entry.Value}");
        }

        byte[][] argv = [.. arguments.Prepend(path).Select(Terminated)];
        byte[][] envp = [.. environment.Select(Terminated)];
        nint* argvPointers = stackalloc nint[argv.Length + 1];
        nint[] envpPointers = new nint[envp.Length + 1];
        Pin(argv, new Span<nint>(argvPointers, argv.Length));
        Pin(envp, envpPointers);
        byte[] program = Terminated(path);
        argvPointers[argv.Length] = 0;
        fixed (byte* p = program)
        fixed (nint* e = envpPointers)
        {
            _ = Native.execve(p, (byte**)argvPointers, (byte**)e);
        }

        LinuxException.Throw("execve", path);
    }

    private static byte[] Terminated(string text)
    {
        // On the pinned heap, so that an address stays good until execve has copied the bytes.
        byte[] bytes = GC.AllocateArray<byte>(Encoding.UTF8.GetByteCount(text) + 1, pinned: true);
        Encoding.UTF8.GetBytes(text, bytes);
        return bytes;
    }

    private static void Pin(byte[][] strings, Span<nint> addresses)
    {
        for (int i = 0; i < strings.Length; i++)
        {
            fixed (byte* p = strings[i])
            {
                addresses[i] = (nint)p;
            }
        }
    }
}
