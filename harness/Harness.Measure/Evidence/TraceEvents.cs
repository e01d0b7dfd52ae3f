using System.Globalization;

namespace Harness.Measure;

/// <summary>
/// The kernel's tracepoints by name, from tracefs. Where it is not mounted or may not be read, the reason comes with the command that changes that; nothing is
/// mounted or changed here.
/// </summary>
internal sealed class TraceEvents
{
    private static readonly string[] Roots = ["/sys/kernel/tracing", "/sys/kernel/debug/tracing"];

    private readonly string? _root;

    /// <param name="roots">Where tracefs may be mounted.</param>
    internal TraceEvents(params string[] roots)
    {
        roots = roots.Length > 0 ? roots : Roots;
        foreach (string root in roots)
        {
            try
            {
                if (Directory.EnumerateFileSystemEntries(root + "/events").Any())
                {
                    _root = root;
                    return;
                }
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException)
            {
                Missing ??= e is UnauthorizedAccessException
                    ? $"tracefs may not be read: sudo mount -o remount,mode=755 {root}"
                    : null;
            }
        }

        Missing ??= $"tracefs is not mounted: sudo mount -t tracefs nodev {roots[0]}";
    }

    /// <summary>Why there are none, and the command that changes it; null when there are.</summary>
    internal string? Missing { get; }

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
