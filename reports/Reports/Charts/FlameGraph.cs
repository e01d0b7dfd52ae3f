using System.Globalization;
using System.Xml.Linq;
using Reports.Formatting;
using Reports.Model;
using Results;

namespace Reports.Charts;

/// <summary>
/// Draws folded stacks as a flame graph: each function as wide as its share of the samples, standing on what had called it, coloured by the kind of its code. Without
/// scripts, and the same to the byte for the same stacks, so that pictures can be compared and committed. Pure; any thread may call it.
/// </summary>
public static class FlameGraph
{
    private const double WidthPixels = 1200;
    private const int RowPixels = 17;
    private const int MarginPixels = 12;
    private const int TopPixels = 66;

    /// <summary>What would be narrower is left out, with all that stands on it: nobody could see it.</summary>
    private const double WidthPixelsMin = 0.4;
    private const double CharacterPixels = 6.6;
    private const int LabelCharactersMin = 3;
    private static readonly XNamespace Svg = "http://www.w3.org/2000/svg";

    /// <summary>A style sheet of its own, as a picture of its own.</summary>
    private static readonly string StyleSheet = EmbeddedText.Read("flame.css");

    /// <param name="folded">A line a stack: frames from the outermost to the innermost with semicolons between, a space, the number of samples.</param>
    /// <exception cref="FormatException">A line is no such stack.</exception>
    public static string Render(string title, string folded)
    {
        Frame all = Read(folded);
        int height = TopPixels + (RowPixels * Depth(all, all.Samples)) + MarginPixels;
        XElement root = new(
            Svg + "svg",
            new XAttribute("class", "flame"),
            new XAttribute("viewBox", FormattableString.Invariant($"0 0 {WidthPixels + (2 * MarginPixels)} {height}")),
            new XAttribute("width", Number(WidthPixels + (2 * MarginPixels))),
            new XAttribute("height", height),
            new XAttribute("role", "img"),
            new XElement(Svg + "title", PlainText.Xml(title)),
            new XElement(Svg + "style", StyleSheet),
            new XElement(Svg + "rect", new XAttribute("class", "paper"), new XAttribute("width", "100%"), new XAttribute("height", "100%")),
            Text(MarginPixels, 24, title, "title"));
        Legend(root, all);
        if (all.Samples > 0) Draw(root, all, "all", 0, height - MarginPixels - RowPixels, all.Samples, isRoot: true);
        return new XDocument(root).ToString(SaveOptions.DisableFormatting) + "\n";
    }

    private static Frame Read(string folded)
    {
        ArgumentNullException.ThrowIfNull(folded);
        Frame all = new();
        foreach (string line in folded.Split('\n', StringSplitOptions.RemoveEmptyEntries))
        {
            int space = line.LastIndexOf(' ');
            if (space <= 0 || !long.TryParse(line.AsSpan(space + 1), NumberStyles.None, CultureInfo.InvariantCulture, out long samples))
                throw new FormatException($"no folded stack: '{line}'");
            Frame at = all;
            at.Samples += samples;
            foreach (string name in line[..space].Split(';'))
            {
                if (!at.Calls.TryGetValue(name, out Frame? called)) at.Calls.Add(name, called = new Frame());
                at = called;
                at.Samples += samples;
            }

            at.OwnSamples += samples;
        }

        return all;
    }

    private static int Depth(Frame frame, long all) =>
        1 + frame.Calls.Values.Where(called => Wide(called, all) >= WidthPixelsMin).Select(called => Depth(called, all)).DefaultIfEmpty(0).Max();

    private static void Draw(XElement root, Frame frame, string name, double x, double y, long all, bool isRoot)
    {
        CpuCategory kind = CpuFrames.CategoryOf(name);
        string plain = PlainText.Xml(CpuFrames.Plain(name));
        string about = isRoot ? "" : $" ({Wording.Of(kind)})";
        double width = Wide(frame, all);
        XElement group = new(
            Svg + "g",
            new XElement(Svg + "title", $"{plain}{about}: {Format.Count(frame.Samples)} samples, {Format.Percent((double)frame.Samples / all)}"),
            new XElement(
                Svg + "rect",
                new XAttribute("class", isRoot ? "all" : Class(kind)),
                new XAttribute("x", Number(MarginPixels + x)),
                new XAttribute("y", Number(y)),
                new XAttribute("width", Number(width)),
                new XAttribute("height", RowPixels - 1)));
        int room = (int)((width - 6) / CharacterPixels);
        if (room >= LabelCharactersMin)
            group.Add(Text(MarginPixels + x + 3, y + 12, plain.Length <= room ? plain : string.Concat(plain.AsSpan(0, room - 1), "…"), "label"));
        root.Add(group);
        double left = x;
        foreach ((string calledName, Frame called) in frame.Calls)
        {
            if (Wide(called, all) >= WidthPixelsMin) Draw(root, called, calledName, left, y - RowPixels, all, isRoot: false);
            left += Wide(called, all);
        }
    }

    /// <summary>Each kind that there is, with the share of the samples in which it was what ran.</summary>
    private static void Legend(XElement root, Frame all)
    {
        Dictionary<CpuCategory, long> kinds = [];
        Count(all, "", kinds);
        double x = MarginPixels;
        foreach ((CpuCategory kind, long samples) in kinds.OrderBy(pair => pair.Key))
        {
            string text = $"{Wording.Of(kind)} {Format.Percent((double)samples / all.Samples)}";
            root.Add(
                new XElement(
                    Svg + "rect",
                    new XAttribute("class", Class(kind)),
                    new XAttribute("x", Number(x)),
                    new XAttribute("y", 36),
                    new XAttribute("width", 12),
                    new XAttribute("height", 12)),
                Text(x + 18, 46, text, "legend"));
            x += 18 + (text.Length * CharacterPixels) + 20;
        }
    }

    private static void Count(Frame frame, string name, Dictionary<CpuCategory, long> kinds)
    {
        if (frame.OwnSamples > 0) kinds[CpuFrames.CategoryOf(name)] = kinds.GetValueOrDefault(CpuFrames.CategoryOf(name)) + frame.OwnSamples;
        foreach ((string called, Frame inner) in frame.Calls) Count(inner, called, kinds);
    }

    private static double Wide(Frame frame, long all) => WidthPixels * frame.Samples / all;

    private static string Class(CpuCategory kind) => $"k{(int)kind}";

    private static XElement Text(double x, double y, string text, string style) =>
        new(Svg + "text", new XAttribute("class", style), new XAttribute("x", Number(x)), new XAttribute("y", Number(y)), PlainText.Xml(text));

    private static string Number(double value) => value.ToString("0.##", CultureInfo.InvariantCulture);

    /// <summary>A function as called by one row of callers.</summary>
    private sealed class Frame
    {
        public long Samples { get; set; }

        /// <summary>Of them those in which it was what ran.</summary>
        public long OwnSamples { get; set; }

        /// <summary>By name, so that a function stands in the same place in two pictures.</summary>
        public SortedDictionary<string, Frame> Calls { get; } = new(StringComparer.Ordinal);
    }
}
