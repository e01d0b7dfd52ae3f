using System.Globalization;
using Engine.Linux;

namespace Harness.Measure;

/// <summary>Attaches to each thread of a process, those included that begin meanwhile.</summary>
internal static class Threads
{
    /// <summary>Rounds after which a process that starts threads without end is given up.</summary>
    private const int RoundsMax = 20;

    /// <summary>The ids of a process's threads; none when there is no such process.</summary>
    internal static IReadOnlyList<int> Of(int pid)
    {
        try
        {
            return [.. Directory.EnumerateDirectories($"/proc/{pid}/task").Select(path => int.Parse(Path.GetFileName(path.AsSpan()), NumberStyles.None, CultureInfo.InvariantCulture))];
        }
        catch (IOException)
        {
            return [];
        }
    }

    /// <summary>
    /// For what a thread's children inherit: each thread exactly once. A thread that begins while others are being attached to has inherited from its parent, wholly,
    /// in part or not at all, and nobody can tell which: to attach to it as well could count it twice. So everything is let go and begun again until no thread
    /// began meanwhile; who begins behind that is a child of one that is attached to in full. A thread that has ended meanwhile is left out.
    /// </summary>
    /// <param name="attach">Adds what it opens to the list, also when it fails.</param>
    /// <exception cref="LinuxException">
    /// What attaching failed with, other than that the thread is gone; EAGAIN when threads began in each of many rounds. Nothing stays open.
    /// </exception>
    internal static List<T> AttachInherited<T>(int pid, Action<int, List<T>> attach)
        where T : IDisposable
    {
        List<T> opened = [];
        try
        {
            for (int round = 0; round < RoundsMax; round++)
            {
                HashSet<int> before = [.. Of(pid)];
                foreach (int thread in before)
                {
                    AttachTo(thread, t => attach(t, opened));
                }

                if (before.IsSupersetOf(Of(pid)))
                {
                    return opened;
                }

                Close(opened);
            }

            throw new LinuxException("perf_event_open", Errno.EAGAIN, $"of process {pid}, which starts threads faster than they can be attached to");
        }
        catch
        {
            Close(opened);
            throw;
        }
    }

    /// <summary>
    /// For what nobody inherits: lists and attaches until a list brings no thread that is not attached to. A thread that has ended meanwhile is left out.
    /// </summary>
    /// <exception cref="LinuxException">What attaching failed with, other than that the thread is gone.</exception>
    internal static void AttachEach(int pid, Action<int> attach)
    {
        HashSet<int> seen = [];
        for (int round = 0; round < RoundsMax; round++)
        {
            int[] fresh = [.. Of(pid).Where(seen.Add)];
            if (fresh.Length == 0)
            {
                return;
            }

            foreach (int thread in fresh)
            {
                AttachTo(thread, attach);
            }
        }
    }

    private static void AttachTo(int thread, Action<int> attach)
    {
        try
        {
            attach(thread);
        }
        catch (LinuxException e) when (e.Error == Errno.ESRCH)
        {
            // It has ended.
        }
    }

    private static void Close<T>(List<T> opened)
        where T : IDisposable
    {
        opened.ForEach(one => one.Dispose());
        opened.Clear();
    }
}
