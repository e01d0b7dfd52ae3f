using System.Buffers;
using Engine.Linux;

namespace Engine.Server;

/// <summary>
/// Lets a few lines a second through for each reason, and counts those it held back. The reason is what stands in front of the first
/// number, colon or bracket of a line's text, so that a reason with changing details is one; their number is bounded, the rest share one.
/// <para>Guarded by the log's lock.</para>
/// </summary>
internal sealed class LineLimiter
{
    public const int LinesPerSecondMax = 5;
    private const int ReasonsMax = 100;
    private const int ReasonCharsMax = 60;
    private const long NanosPerSecond = 1_000_000_000;
    private const string OtherReasons = "";
    private static readonly SearchValues<char> DetailBegins = SearchValues.Create("0123456789:('\"");

    private readonly Dictionary<string, Window> _windows = [];

    /// <summary>Lines held back since the start.</summary>
    public long Suppressed { get; private set; }

    /// <param name="suppressed">How many of this reason were held back before this one.</param>
    public bool TryPass(string kind, string text, out long suppressed)
    {
        Span<char> reason = stackalloc char[kind.Length + 1 + ReasonCharsMax];
        reason.TryWrite($"{kind} {ReasonOf(text)}", out int length);
        Window window = WindowOf(reason[..length]);
        long now = MonotonicClock.Nanos();
        if (now - window.StartNanos >= NanosPerSecond)
        {
            window.StartNanos = now;
            window.Lines = 0;
        }

        suppressed = window.Suppressed;
        if (window.Lines >= LinesPerSecondMax)
        {
            window.Suppressed++;
            Suppressed++;
            return false;
        }

        window.Lines++;
        window.Suppressed = 0;
        return true;
    }

    /// <summary>What was held back and not yet told, by reason.</summary>
    public IEnumerable<(string Reason, long Count)> TakeUntold()
    {
        foreach ((string reason, Window window) in _windows)
        {
            if (window.Suppressed > 0)
            {
                yield return (reason, window.Suppressed);
                window.Suppressed = 0;
            }
        }
    }

    private static ReadOnlySpan<char> ReasonOf(ReadOnlySpan<char> text)
    {
        int end = text.IndexOfAny(DetailBegins);
        return text[..Math.Min(end < 0 ? text.Length : end, ReasonCharsMax)].Trim();
    }

    private Window WindowOf(ReadOnlySpan<char> reason)
    {
        if (!_windows.GetAlternateLookup<ReadOnlySpan<char>>().TryGetValue(reason, out Window? window))
        {
            string key = _windows.Count < ReasonsMax ? reason.ToString() : OtherReasons;
            if (!_windows.TryGetValue(key, out window))
            {
                _windows[key] = window = new Window();
            }
        }

        return window;
    }

    private sealed class Window
    {
        public long StartNanos = long.MinValue / 2;
        public int Lines;
        public long Suppressed;
    }
}
