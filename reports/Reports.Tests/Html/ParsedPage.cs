using System.Text.RegularExpressions;
using System.Xml.Linq;

namespace Reports.Html;

/// <summary>A page read back as XML, which but for its meta elements it also is: what does not close or is not escaped fails right here.</summary>
internal sealed partial class ParsedPage
{
    private const string Doctype = "<!DOCTYPE html>";

    private readonly XElement _root;

    private ParsedPage(XElement root) => _root = root;

    public static ParsedPage Parse(string html)
    {
        Assert.StartsWith(Doctype, html, StringComparison.Ordinal);
        return new ParsedPage(XElement.Parse(VoidElement().Replace(html[Doctype.Length..], "$0</meta>")));
    }

    public IReadOnlyList<XElement> All(string name) => [.. _root.DescendantsAndSelf().Where(e => e.Name.LocalName == name)];

    public IReadOnlyList<XElement> WithClass(string name) =>
        [.. _root.DescendantsAndSelf().Where(e => (e.Attribute("class")?.Value ?? "").Split(' ').Contains(name))];

    /// <summary>The text of the only element of that name, blanks folded.</summary>
    public string Text(string name) => Fold(Assert.Single(All(name)).Value);

    public string Body() => Fold(Assert.Single(All("body")).Value);

    public IReadOnlyList<string> Ids() => [.. _root.DescendantsAndSelf().Attributes("id").Select(a => a.Value)];

    /// <summary>Whatever a browser would fetch.</summary>
    public IReadOnlyList<string> References() =>
    [
        .. _root.DescendantsAndSelf().Attributes().Where(a => a.Name.LocalName is "src" or "href" or "srcset" or "data" or "action").Select(a => a.ToString()),
        .. All("style").Select(s => s.Value).Where(s => s.Contains("url(", StringComparison.Ordinal) || s.Contains("@import", StringComparison.Ordinal)),
        .. All("link").Select(l => l.ToString()),
    ];

    public static string Fold(string text) => string.Join(' ', text.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries));

    [GeneratedRegex("<meta [^>]*>")]
    private static partial Regex VoidElement();
}
