using System.Globalization;

namespace Harness.Measure;

/// <summary>
/// The kernel's tracepoints by name, from tracefs. Where it is not mounted or may not be read, the reason comes with the command that changes that; nothing is
/// mounted or changed here.
/// </summary>
internal sealed class TraceEvents
{
    /// <summary>One that every kernel has which has any.</summary>
    private const string Sample = "syscalls/sys_enter_read";
    private static readonly string[] Roots = ["/sys/kernel/tracing", "/sys/kernel/debug/tracing"];

    private readonly string? _root;

    /// <param name="roots">Where tracefs may be mounted.</param>
    internal TraceEvents(params string[] roots)
    {
        roots = roots.Length > 0 ? roots : Roots;
        bool forbidden = false;
        foreach (string root in roots)
        {
            try
            {
                _ = Directory.EnumerateFileSystemEntries(root + "/events").Any();
                _ = File.ReadAllText($"{root}/events/{Sample}/id");
                _root = root;
                return;
            }
            catch (UnauthorizedAccessException)
            {
                // The second of the usual places is closed to all but root even where nothing is mounted.
                forbidden |= root == roots[0];
            }
            catch (IOException) when (Directory.Exists(root + "/events"))
            {
                Missing ??= "this kernel has no tracepoints of system calls (CONFIG_FTRACE_SYSCALLS)";
            }
            catch (IOException)
            {
                // Not mounted here.
            }
        }

        Missing ??= forbidden ? $"tracefs may not be read: {AllowReading(roots[0])}, or run with sudo" : $"tracefs is not mounted: {Mount(roots[0])}";
    }

    /// <summary>Why there are none, and the command that changes it; null when there are.</summary>
    internal string? Missing { get; }

    /// <summary>Its files are shown to owner and group alone, whatever the mode of the folder.</summary>
    internal static string AllowReading(string root) => $"sudo mount -o remount,mode=750,gid=$(id -g) {root}";

    internal static string Mount(string root) => $"sudo mount -t tracefs -o mode=750,gid=$(id -g) nodev {root}";

    /// <summary>The id of a tracepoint, such as <c>syscalls/sys_enter_read</c>; null where this kernel has none of that name.</summary>
    internal long? IdOf(string name)
    {
        try
        {
            return _root is not null && long.TryParse(File.ReadAllText($"{_root}/events/{name}/id"), NumberStyles.None | NumberStyles.AllowTrailingWhite, CultureInfo.InvariantCulture, out long id)
                ? id
                : null;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }
}
