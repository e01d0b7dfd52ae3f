using System.Globalization;

namespace Harness.Targets;

/// <summary>
/// Whose process listens on a port of this machine: the kernel lists listening sockets with an inode, and a process's open
/// files name the inode. Other users' open files are not shown to everybody, so finding nobody proves nothing.
/// </summary>
internal static class ListeningProcess
{
    private const string ListenState = "0A";
    private const int LocalAddressField = 1;
    private const int StateField = 3;
    private const int InodeField = 9;

    /// <summary>The processes that hold a socket listening on <paramref name="port"/>, as far as we may see.</summary>
    internal static IReadOnlyList<int> Find(int port)
    {
        HashSet<string> sockets = [.. Inodes("/proc/net/tcp", port).Concat(Inodes("/proc/net/tcp6", port)).Select(inode => $"socket:[{inode}]")];
        return sockets.Count == 0
            ? []
            :
            [
                .. Directory.EnumerateDirectories("/proc")
                    .Select(folder => int.TryParse(Path.GetFileName(folder), NumberStyles.None, null, out int id) ? id : 0)
                    .Where(id => id > 0 && HoldsAny(id, sockets)),
            ];
    }

    /// <summary>The process's name as the kernel has it; null when it is gone.</summary>
    internal static string? NameOf(int processId)
    {
        try
        {
            return File.ReadAllText($"/proc/{processId}/comm").TrimEnd('\n');
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }

    private static IEnumerable<string> Inodes(string table, int port)
    {
        if (!File.Exists(table))
        {
            yield break;
        }

        string ending = $":{port:X4}";
        foreach (string line in File.ReadLines(table).Skip(1))
        {
            string[] fields = line.Split(' ', StringSplitOptions.RemoveEmptyEntries);
            if (fields.Length > InodeField
                && fields[StateField] == ListenState
                && fields[LocalAddressField].EndsWith(ending, StringComparison.Ordinal))
            {
                yield return fields[InodeField];
            }
        }
    }

    private static bool HoldsAny(int processId, HashSet<string> sockets)
    {
        try
        {
            return Directory.EnumerateFileSystemEntries($"/proc/{processId}/fd")
                .Any(fd => new FileInfo(fd).LinkTarget is { } target && sockets.Contains(target));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // It ended meanwhile, or is another user's.
            return false;
        }
    }
}
