using System.Globalization;

namespace Harness.Measure;

/// <summary>The kernel's functions by address, as /proc/kallsyms tells them. Immutable.</summary>
internal sealed class KernelSymbols
{
    /// <summary>Of functions; the rest are variables and absolute values.</summary>
    private const string FunctionTypes = "tTwW";
    private readonly ulong[] _starts;
    private readonly string[] _names;

    private KernelSymbols(List<(ulong Start, string Name)> symbols)
    {
        symbols.Sort((a, b) => a.Start.CompareTo(b.Start));
        _starts = [.. symbols.Select(s => s.Start)];
        _names = [.. symbols.Select(s => s.Name)];
    }

    /// <summary>Null where the kernel shows no addresses, which it then has as zeros.</summary>
    internal static KernelSymbols? Read(string path = "/proc/kallsyms")
    {
        try
        {
            return Parse(File.ReadLines(path));
        }
        catch (Exception unreadable) when (unreadable is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }

    internal static KernelSymbols? Parse(IEnumerable<string> lines)
    {
        List<(ulong, string)> symbols = [];
        foreach (string line in lines)
        {
            // ffffffff81000000 T name[\t[module]]
            string[] parts = line.Split([' ', '\t'], StringSplitOptions.RemoveEmptyEntries);
            if (parts.Length >= 3 && FunctionTypes.Contains(parts[1], StringComparison.Ordinal)
                && ulong.TryParse(parts[0], NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out ulong start) && start > 0)
            {
                symbols.Add((start, parts[2]));
            }
        }

        return symbols.Count == 0 ? null : new KernelSymbols(symbols);
    }

    /// <summary>The function that begins at or next before the address: the kernel tells no lengths. Null before the first.</summary>
    internal string? NameOf(ulong address)
    {
        int at = Array.BinarySearch(_starts, address);
        at = at < 0 ? ~at - 1 : at;

        // Names of one place, such as those of its section: the first is as good as any, and always the same.
        while (at > 0 && _starts[at - 1] == _starts[at])
        {
            at--;
        }

        return at < 0 ? null : _names[at];
    }
}
