using System.Globalization;
using Results;

namespace Harness.Measure;

/// <summary>
/// Methods that a process compiled at run time, by address: what it has written into <c>perf-PID.map</c>, a line each with start, length and name. Immutable.
/// </summary>
internal sealed class CompiledMethods
{
    /// <summary>.NET reports a whole block of stubs, and then some of those in it.</summary>
    private const string Blocks = "stub ReportStubBlock";
    private readonly Region[] _methods;
    private readonly Region[] _blocks;

    private CompiledMethods(IEnumerable<Region> regions)
    {
        // A stable sort: of two at one address the later one is what is there now.
        ILookup<bool, Region> sorted = regions.OrderBy(r => r.Start).ToLookup(r => r.Name.StartsWith(Blocks, StringComparison.Ordinal));
        _methods = [.. sorted[false]];
        _blocks = [.. sorted[true]];
    }

    /// <summary>Null where the process wrote none; a file that is older than the process is of another one that had its id.</summary>
    internal static CompiledMethods? Read(int pid, DateTime processStartedUtc)
    {
        string name = string.Create(CultureInfo.InvariantCulture, $"perf-{pid}.map");
        try
        {
            foreach (string path in new[] { Path.Combine(Path.GetTempPath(), name), Path.Combine("/tmp", name) }.Distinct())
            {
                if (File.Exists(path) && File.GetLastWriteTimeUtc(path) >= processStartedUtc)
                {
                    using FileStream shared = new(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
                    using StreamReader text = new(shared);
                    return Parse(text.ReadToEnd().Split('\n'));
                }
            }
        }
        catch (Exception unreadable) when (unreadable is IOException or UnauthorizedAccessException)
        {
            // As if there were none: who asks says what that means.
        }

        return null;
    }

    internal static CompiledMethods Parse(IEnumerable<string> lines) => new(lines.Select(Region.Parse).OfType<Region>());

    /// <summary>The method as a frame of a folded stack; null where there is none at this address.</summary>
    internal string? FrameOf(ulong address) => (Find(_methods, address) ?? Find(_blocks, address)) is { } found ? Frame(found.Name) : null;

    /// <summary><c>instance void [Engine.Wire] Engine.Wire.WireBuffer::WriteTags()[OptimizedTier1]</c> becomes <c>Engine.Wire.WireBuffer.WriteTags</c>.</summary>
    internal static string Frame(string name)
    {
        const string Stub = "stub ";
        if (name.StartsWith(Stub, StringComparison.Ordinal))
        {
            return $"{CpuFrames.StubPrefix}{Plain(name[Stub.Length..])}{CpuFrames.CompiledSuffix}";
        }

        // Result, assembly in brackets, type, method, arguments, tier: the first colons are those between type and method.
        int colons = name.IndexOf("::", StringComparison.Ordinal);
        int type = colons < 0 ? -1 : name.LastIndexOf("] ", colons, StringComparison.Ordinal);
        int arguments = colons < 0 ? -1 : name.IndexOf('(', colons);
        return Plain(type < 0 || arguments < 0 ? name : $"{name[(type + 2)..colons]}.{name[(colons + 2)..arguments]}") + CpuFrames.CompiledSuffix;
    }

    /// <summary>What divides frames in a folded stack must not be in one.</summary>
    private static string Plain(string name) => name.Replace(';', ':').Replace('\t', ' ').Trim();

    private static Region? Find(Region[] regions, ulong address)
    {
        int low = 0;
        int high = regions.Length;
        while (low < high)
        {
            int middle = (low + high) / 2;
            if (regions[middle].Start <= address)
            {
                low = middle + 1;
            }
            else
            {
                high = middle;
            }
        }

        return low > 0 && address - regions[low - 1].Start < regions[low - 1].Length ? regions[low - 1] : null;
    }

    private readonly record struct Region(ulong Start, ulong Length, string Name)
    {
        internal static Region? Parse(string line)
        {
            string[] parts = line.Split(' ', 3);
            return parts.Length == 3 && Hex(parts[0], out ulong start) && Hex(parts[1], out ulong length) && length > 0 ? new Region(start, length, parts[2]) : null;
        }

        private static bool Hex(string text, out ulong value) =>
            ulong.TryParse(text.AsSpan(text.StartsWith("0x", StringComparison.OrdinalIgnoreCase) ? 2 : 0), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out value);
    }
}
