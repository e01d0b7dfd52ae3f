using System.Globalization;
using System.Text;

namespace Engine.Server;

/// <summary>
/// Values for log lines. What peers send gets into them (names, client ids, messages of exceptions about both), so nothing may end a
/// line, close a quote, or speak to a terminal; and nothing may be long.
/// </summary>
internal static class LogText
{
    public const int ValueCharsMax = 512;
    public const int LineCharsMax = 8192;

    /// <summary>In quotes, with escapes, cut at <see cref="ValueCharsMax"/>.</summary>
    public static string Quoted(string value) => Quoted(value, ValueCharsMax);

    public static string Quoted(string value, int charsMax)
    {
        StringBuilder text = new(Math.Min(value.Length, charsMax) + 2);
        text.Append('"');
        foreach (char c in value.AsSpan(0, Math.Min(value.Length, charsMax)))
        {
            if (c is '"' or '\\')
            {
                text.Append('\\').Append(c);
            }
            else
            {
                Append(text, c);
            }
        }

        if (value.Length > charsMax)
        {
            text.Append(CultureInfo.InvariantCulture, $"…({value.Length} characters)");
        }

        return text.Append('"').ToString();
    }

    /// <summary>A whole line: what a value's maker forgot to quote still cannot end it.</summary>
    public static string Line(string text)
    {
        if (text.Length <= LineCharsMax && !AnyUnsafe(text))
        {
            return text;
        }

        StringBuilder line = new();
        foreach (char c in text.AsSpan(0, Math.Min(text.Length, LineCharsMax)))
        {
            Append(line, c);
        }

        return line.ToString();
    }

    private static void Append(StringBuilder text, char c)
    {
        switch (c)
        {
            case '\n':
                text.Append("\\n");
                break;
            case '\r':
                text.Append("\\r");
                break;
            case '\t':
                text.Append("\\t");
                break;
            default:
                if (IsUnsafe(c))
                {
                    text.Append(CultureInfo.InvariantCulture, $"\\u{(int)c:x4}");
                }
                else
                {
                    text.Append(c);
                }

                break;
        }
    }

    private static bool AnyUnsafe(ReadOnlySpan<char> text)
    {
        foreach (char c in text)
        {
            if (IsUnsafe(c))
            {
                return true;
            }
        }

        return false;
    }

    /// <summary>Control characters, line and paragraph separators, what turns the direction of text, and halves of surrogate pairs.</summary>
    private static bool IsUnsafe(char c) => char.IsSurrogate(c) || char.GetUnicodeCategory(c) is
        UnicodeCategory.Control or UnicodeCategory.Format or UnicodeCategory.LineSeparator or UnicodeCategory.ParagraphSeparator;
}
