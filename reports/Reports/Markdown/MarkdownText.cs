using System.Text;
using Reports.Formatting;

namespace Reports.Markdown;

/// <summary>
/// Text of a document as GitHub's Markdown shows it unchanged: no emphasis, links or markup out of a target's name, no cell cut at a pipe,
/// nobody notified because a version holds an at sign.
/// </summary>
internal static class MarkdownText
{
    private const string Special = @"\`*_[]<>|~";
    private const char ZeroWidthSpace = '\u200b';

    /// <summary>One line, escaped.</summary>
    public static string Escape(string text)
    {
        StringBuilder escaped = new();
        foreach (char c in PlainText.OneLine(text))
        {
            if (Special.Contains(c, StringComparison.Ordinal)) escaped.Append('\\');
            if (c == '&') escaped.Append("&amp;");
            else escaped.Append(c);
            // A mention needs the sign and the name side by side.
            if (c == '@') escaped.Append(ZeroWidthSpace);
        }

        // What begins a line must not make a heading, a list or a rule of it.
        return escaped.Length > 0 && escaped[0] is '#' or '-' or '+' or '=' ? "\\" + escaped : escaped.ToString();
    }

    /// <summary>A block to be copied as it is; its fence is longer than any run of the same sign inside.</summary>
    public static IEnumerable<string> Code(string text)
    {
        string line = PlainText.OneLine(text);
        int run = 0;
        int longest = 0;
        foreach (char c in line)
        {
            run = c == '`' ? run + 1 : 0;
            longest = Math.Max(longest, run);
        }

        string fence = new('`', Math.Max(3, longest + 1));
        return [fence, line, fence];
    }
}
