using System.Globalization;
using Engine.Linux;

namespace Harness.Measure;

/// <summary>Does something for each thread of a process, those included that begin meanwhile.</summary>
internal static class Threads
{
    /// <summary>Rounds after which a process that starts threads without end is taken as it is.</summary>
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
    /// Lists and attaches until a list brings no thread that is not attached to. Who begins behind that is a child of one that is, and inherits.
    /// A thread that has ended meanwhile is left out.
    /// </summary>
    /// <exception cref="LinuxException">What attaching failed with, other than that the thread is gone.</exception>
    internal static void Attach(int pid, Action<int> attach)
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
                try
                {
                    attach(thread);
                }
                catch (LinuxException e) when (e.Error == Errno.ESRCH)
                {
                    // It has ended.
                }
            }
        }
    }
}
