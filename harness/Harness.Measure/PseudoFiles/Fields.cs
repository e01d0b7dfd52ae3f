using System.Buffers.Text;

namespace Harness.Measure;

/// <summary>Picks numbers out of the two shapes the kernel's files have: columns, and lines that begin with a name.</summary>
internal static class Fields
{
    /// <summary>
    /// The number after a line's name: <c>VmRSS:   1688 kB</c>, <c>nr_dirty 5</c>; null where no line has that name.
    /// The unit, if there is one, is the caller's to know.
    /// </summary>
    internal static long? Named(ReadOnlySpan<byte> text, ReadOnlySpan<byte> name)
    {
        while (!text.IsEmpty)
        {
            int end = text.IndexOf((byte)'\n');
            ReadOnlySpan<byte> line = end < 0 ? text : text[..end];
            text = end < 0 ? default : text[(end + 1)..];
            if (line.StartsWith(name) && line.Length > name.Length && line[name.Length] is (byte)':' or (byte)' ' or (byte)'\t')
            {
                return Number(line[(name.Length + 1)..].TrimStart(" \t"u8));
            }
        }

        return null;
    }

    /// <summary>The number in a column of a line, counted from 0; null where there are fewer or it is none.</summary>
    internal static long? Column(ReadOnlySpan<byte> line, int column)
    {
        foreach (Range range in line.Split((byte)' '))
        {
            if (range.Start.Value != range.End.Value && column-- == 0)
            {
                return Number(line[range]);
            }
        }

        return null;
    }

    /// <summary>Kernel lists such as <c>0-3,8,10-11</c>; empty for anything else.</summary>
    internal static IReadOnlyList<int> List(string? text)
    {
        List<int> numbers = [];
        foreach (string part in (text ?? "").Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries))
        {
            string[] ends = part.Split('-');
            if (!int.TryParse(ends[0], out int first) || !int.TryParse(ends[^1], out int last) || last - first > 65_536)
            {
                return [];
            }

            for (int i = first; i <= last; i++)
            {
                numbers.Add(i);
            }
        }

        return numbers;
    }

    private static long? Number(ReadOnlySpan<byte> text) =>
        Utf8Parser.TryParse(text, out long value, out int used) && used > 0 ? value : null;
}
