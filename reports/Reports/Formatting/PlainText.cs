using System.Text;
using System.Xml;

namespace Reports.Formatting;

/// <summary>
/// Makes text from a document harmless for where it goes. Titles, causes and configuration come from files and brokers:
/// an escape sequence must not reach a terminal, nor a control character an XML writer that would throw on it.
/// </summary>
public static class PlainText
{
    /// <summary>One line without control characters.</summary>
    public static string OneLine(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        StringBuilder clean = new(text.Length);
        foreach (char c in text)
        {
            bool blank = char.IsControl(c) || c is '\u2028' or '\u2029';
            if (!blank) clean.Append(c);
            else if (clean.Length > 0 && clean[^1] != ' ') clean.Append(' ');
        }

        return clean.ToString().TrimEnd();
    }

    /// <summary>Only characters that XML can carry; others become U+FFFD.</summary>
    public static string Xml(string text)
    {
        string line = OneLine(text);
        if (line.All(XmlConvert.IsXmlChar)) return line;
        StringBuilder clean = new(line.Length);
        foreach (Rune rune in line.EnumerateRunes()) clean.Append(rune.Value is 0xfffe or 0xffff ? "\ufffd" : rune.ToString());
        return clean.ToString();
    }

    /// <summary>Lines of at most <paramref name="width"/> characters, broken at spaces, or within a word that is longer than a line.</summary>
    public static IReadOnlyList<string> Wrap(string text, int width)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(width, 1);
        List<string> lines = [];
        StringBuilder line = new();
        foreach (string word in OneLine(text).Split(' ', StringSplitOptions.RemoveEmptyEntries))
        {
            string rest = word;
            if (line.Length > 0 && line.Length + 1 + rest.Length > width) Flush();
            if (line.Length > 0) line.Append(' ');
            while (rest.Length > width)
            {
                lines.Add(rest[..width]);
                rest = rest[width..];
            }

            line.Append(rest);
        }

        if (line.Length > 0 || lines.Count == 0) Flush();
        return lines;

        void Flush()
        {
            lines.Add(line.ToString());
            line.Clear();
        }
    }
}
