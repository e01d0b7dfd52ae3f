using System.Text.RegularExpressions;

namespace Reports.Html;

/// <summary>Keeps a number and its unit on one line: "53 %" broken before the sign reads like a slip.</summary>
internal static partial class Typography
{
    private const string NoBreakSpace = "\u00a0";

    public static string Bind(string text) => Unit().Replace(text, NoBreakSpace);

    [GeneratedRegex(@"(?<=[0-9]) (?=(%|[kMGT]|[kMGT]?B|[KMGT]iB|msg|µs|ms|s|min|h|CPUs?)\b|%)|(?<=[0-9] [kMGT]) (?=msg)", RegexOptions.CultureInvariant)]
    private static partial Regex Unit();
}
