using System.Text;

namespace Harness.Targets;

/// <summary>
/// The last lines of a stream. A broker may log for hours, and without line ends at all: so lines and their lengths are
/// bounded, and what is too much is forgotten, oldest first, while the stream is always read on so that the writer never blocks.
/// One thread adds; any may look.
/// </summary>
internal sealed class LineRing(int linesMax = 50, int lineCharsMax = 1000)
{
    private readonly Queue<string> _lines = new();
    private readonly StringBuilder _open = new();
    private readonly Lock _guard = new();

    /// <summary>Adds characters as they come; calls <paramref name="onLine"/> for each line that they complete.</summary>
    internal void Add(ReadOnlySpan<char> chars, Action<string>? onLine = null)
    {
        while (!chars.IsEmpty)
        {
            int end = chars.IndexOf('\n');
            ReadOnlySpan<char> part = end < 0 ? chars : chars[..end];
            chars = end < 0 ? [] : chars[(end + 1)..];
            string? line = Take(part, complete: end >= 0);
            if (line is not null)
            {
                onLine?.Invoke(line);
            }
        }
    }

    /// <summary>At the end of the stream: what came after the last line end is a line too.</summary>
    internal void Finish()
    {
        lock (_guard)
        {
            if (_open.Length > 0)
            {
                Complete();
            }
        }
    }

    /// <summary>The lines kept, oldest first; empty ones were not kept.</summary>
    internal IReadOnlyList<string> Snapshot()
    {
        lock (_guard)
        {
            return [.. _lines];
        }
    }

    private string? Take(ReadOnlySpan<char> part, bool complete)
    {
        lock (_guard)
        {
            _open.Append(part[..Math.Min(part.Length, lineCharsMax - _open.Length)]);
            return complete ? Complete() : null;
        }
    }

    private string Complete()
    {
        string line = _open.ToString().TrimEnd('\r');
        _open.Clear();
        if (line.Length > 0)
        {
            _lines.Enqueue(line);
            if (_lines.Count > linesMax)
            {
                _lines.Dequeue();
            }
        }

        return line;
    }
}
