using System.Text;

namespace Harness.Measure;

/// <param name="DeviceNumber">Major and minor as in /sys/dev/block: <c>254:0</c>.</param>
/// <param name="Source">The device or whatever the filesystem calls its source. May name hosts: not for results.</param>
internal sealed record Mount(string DeviceNumber, string Point, string Filesystem, string Source, string Options);

/// <summary>The mounts of this process from /proc/self/mountinfo (proc_pid_mountinfo(5)).</summary>
internal static class MountTable
{
    /// <summary>
    /// The mount a path lies on: the longest mount point above it, and of several there the last, which hides the others.
    /// </summary>
    internal static Mount? Find(PseudoFiles files, string path)
    {
        Mount? found = null;
        foreach (string line in (files.ReadText("/proc/self/mountinfo") ?? "").Split('\n'))
        {
            if (Parse(line) is Mount mount && Holds(mount.Point, path) && mount.Point.Length >= (found?.Point.Length ?? 0))
            {
                found = mount;
            }
        }

        return found;
    }

    private static bool Holds(string point, string path) =>
        point == "/" || path == point || path.StartsWith($"{point}/", StringComparison.Ordinal);

    /// <summary>id parent major:minor root point options optional-fields… - filesystem source super-options</summary>
    private static Mount? Parse(string line)
    {
        string[] fields = line.Split(' ');
        int dash = Array.IndexOf(fields, "-");
        return dash < 6 || fields.Length < dash + 4
            ? null
            : new Mount(
                fields[2],
                Unescape(fields[4]),
                fields[dash + 1],
                Unescape(fields[dash + 2]),
                Merge(fields[5], fields[dash + 3]));
    }

    /// <summary>
    /// Options of the mount and of the filesystem, each once. What holds a path, an address or a name is left out: overlays name
    /// folders, network filesystems name hosts and users.
    /// </summary>
    private static string Merge(string mount, string filesystem) => string.Join(
        ',',
        $"{mount},{filesystem}".Split(',').Distinct().Where(option =>
            !option.Contains('/', StringComparison.Ordinal)
            && !option.Contains("addr=", StringComparison.Ordinal)
            && !option.Contains("name=", StringComparison.Ordinal)
            && !option.StartsWith("domain=", StringComparison.Ordinal)
            && !option.StartsWith("pass", StringComparison.Ordinal)));

    /// <summary>Space, tab, newline and backslash are written as three octal digits.</summary>
    private static string Unescape(string text)
    {
        if (!text.Contains('\\', StringComparison.Ordinal))
        {
            return text;
        }

        StringBuilder plain = new();
        for (int i = 0; i < text.Length; i++)
        {
            if (text[i] == '\\' && i + 3 < text.Length)
            {
                plain.Append((char)(((text[i + 1] - '0') * 64) + ((text[i + 2] - '0') * 8) + (text[i + 3] - '0')));
                i += 3;
            }
            else
            {
                plain.Append(text[i]);
            }
        }

        return plain.ToString();
    }
}
