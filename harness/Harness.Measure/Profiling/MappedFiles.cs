using System.Globalization;

namespace Harness.Measure;

/// <summary>What files the addresses of a process are of, as /proc/PID/maps tells. Immutable.</summary>
internal sealed class MappedFiles
{
    private readonly (ulong Start, ulong End, string Path)[] _regions;

    private MappedFiles(IEnumerable<(ulong Start, ulong End, string Path)> regions) => _regions = [.. regions.OrderBy(r => r.Start)];

    /// <param name="lines"><c>7f00-7f10 r-xp 00000000 08:01 1234    /usr/lib/libc.so.6</c></param>
    internal static MappedFiles Parse(IEnumerable<string> lines) => new(lines.Select(Region).OfType<(ulong, ulong, string)>());

    /// <summary>
    /// The file's name without its folder, or what the kernel calls it (<c>[vdso]</c>); null where there is no file, or nothing: memory that a process makes
    /// code in has no file, or one that is none.
    /// </summary>
    internal string? NameOf(ulong address)
    {
        int at = Array.BinarySearch(_regions, (address, ulong.MaxValue, ""), Comparer<(ulong Start, ulong End, string Path)>.Create((a, b) => a.Start.CompareTo(b.Start)));
        at = at < 0 ? ~at - 1 : at;
        if (at < 0 || address >= _regions[at].End)
        {
            return null;
        }

        string path = _regions[at].Path;
        return path.StartsWith('/') && !path.StartsWith("/memfd:", StringComparison.Ordinal) && !path.StartsWith("//", StringComparison.Ordinal)
            ? Path.GetFileName(path.Replace(" (deleted)", "", StringComparison.Ordinal)).Replace(';', ':')
            : path is "[vdso]" or "[vsyscall]" ? path
            : null;
    }

    private static (ulong, ulong, string)? Region(string line)
    {
        string[] parts = line.Split(' ', 6, StringSplitOptions.RemoveEmptyEntries);
        string[] range = parts.Length > 1 ? parts[0].Split('-') : [];
        return range.Length == 2 && Hex(range[0], out ulong start) && Hex(range[1], out ulong end) ? (start, end, parts.Length == 6 ? parts[5].Trim() : "") : null;
    }

    private static bool Hex(string text, out ulong value) => ulong.TryParse(text, NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out value);
}
