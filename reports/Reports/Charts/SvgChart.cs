using System.Globalization;
using System.Text;
using System.Xml.Linq;
using Reports.Formatting;

namespace Reports.Charts;

/// <summary>
/// Draws a <see cref="ChartSpec"/> as SVG. Not a library: five kinds of element are all a line chart needs, the output is the same to
/// the byte for the same input (reports can be compared and committed), and it follows the reader's light or dark mode through CSS.
/// Series differ by dash pattern as well as by colour. Pure; any thread may call it.
/// </summary>
public static class SvgChart
{
    private static readonly XNamespace Svg = "http://www.w3.org/2000/svg";

    /// <summary>Colours and dash patterns in the style sheet; a further series begins again with the first.</summary>
    private const int StyleCount = 6;

    /// <summary>Mean advance of a character at 12 px in the sans-serif faces of the style sheet, on the wide side.</summary>
    private const double CharacterPixels = 7.2;

    private const int StandaloneMargin = 16;
    private const double LegendKeyPixels = 26;
    private const double LegendGapPixels = 18;

    /// <summary>A picture of its own: carries its style sheet and a background.</summary>
    public static string RenderStandalone(ChartSpec spec, SvgSize size) => Render(spec, size, standalone: true);

    /// <summary>For a page that carries <see cref="StyleSheet"/> already.</summary>
    public static string RenderInline(ChartSpec spec, SvgSize size) => Render(spec, size, standalone: false);

    /// <summary>The style of all charts, to be put into a page once.</summary>
    public static string StyleSheet { get; } = EmbeddedText.Read("chart.css");

    private static string Render(ChartSpec spec, SvgSize size, bool standalone)
    {
        ArgumentNullException.ThrowIfNull(spec);
        ArgumentNullException.ThrowIfNull(size);
        // The same picture may stand in a page in two sizes: their ids must differ.
        string id = $"{spec.Id}-{size.Width}";
        int margin = standalone ? StandaloneMargin : 0;
        XElement root = new(
            Svg + "svg",
            new XAttribute("class", "chart"),
            new XAttribute("viewBox", $"{-margin} {-margin} {size.Width + (2 * margin)} {size.Height + (2 * margin)}"),
            new XAttribute("role", "img"),
            new XAttribute("aria-labelledby", $"{id}-t {id}-d"),
            new XElement(Svg + "title", new XAttribute("id", $"{id}-t"), PlainText.Xml(spec.Title)),
            new XElement(Svg + "desc", new XAttribute("id", $"{id}-d"), PlainText.Xml(spec.Description)));
        if (standalone)
        {
            root.Add(new XAttribute("width", size.Width + (2 * margin)), new XAttribute("height", size.Height + (2 * margin)));
            root.Add(new XElement(Svg + "style", StyleSheet));
            root.Add(new XElement(
                Svg + "rect",
                new XAttribute("class", "c-paper"),
                new XAttribute("x", -margin),
                new XAttribute("y", -margin),
                new XAttribute("width", "100%"),
                new XAttribute("height", "100%")));
        }

        Draw(root, spec, size);
        return new XDocument(root).ToString(SaveOptions.DisableFormatting);
    }

    private static void Draw(XElement root, ChartSpec spec, SvgSize size)
    {
        root.Add(Text(0, 15, spec.Title, "c-title"));
        double top = Legend(root, spec, size);
        ChartPoint[] points = [.. spec.Series.SelectMany(s => s.Points)];
        AxisMap y = AxisMap.Fit(spec.Y, points.Select(p => p.Y).Concat(spec.References.Select(r => r.Y)), Math.Max(3, (size.Height - 120) / 36));
        double left = 10 + y.Ticks.Select(t => TextPixels(t.Label)).DefaultIfEmpty(0).Max();
        Plot plot = new(left, top, size.Width - 14, size.Height - 44);
        AxisMap x = AxisMap.Fit(spec.X, points.Select(p => p.X), Math.Max(2, (int)(plot.Width / 70)));

        Bands(root, spec, plot, x);
        YAxis(root, plot, y);
        XAxis(root, spec.X, plot, x);
        for (int i = 0; i < spec.Series.Count; i++) Series(root, spec.Series[i], i % StyleCount, plot, x, y);
        References(root, spec, plot, y);
        if (points.Length == 0) root.Add(Text(plot.Left + (plot.Width / 2), plot.Top + (plot.Height / 2), "no data", "", "middle"));
    }

    /// <summary>One entry a series and reference line, in as many rows as it takes: written onto the lines, names would hide what they name.</summary>
    /// <returns>The upper edge of the plot.</returns>
    private static double Legend(XElement root, ChartSpec spec, SvgSize size)
    {
        (string Name, string Style)[] entries =
        [
            .. spec.Series.Select((s, i) => (s.Name, $"c-line k{i % StyleCount}")),
            .. spec.References.Select(r => (r.Name, "c-ref")),
        ];
        double x = 0;
        double y = 36;
        foreach ((string name, string style) in entries)
        {
            double width = LegendKeyPixels + TextPixels(name);
            if (x > 0 && x + width > size.Width)
            {
                x = 0;
                y += 18;
            }

            root.Add(Line(x, y - 4, x + LegendKeyPixels - 6, y - 4, style));
            root.Add(Text(x + LegendKeyPixels, y, name, "c-legend"));
            x += width + LegendGapPixels;
        }

        return entries.Length == 0 ? 30 : y + 14;
    }

    private static void Bands(XElement root, ChartSpec spec, Plot plot, AxisMap x)
    {
        foreach (ChartBand band in spec.Bands)
        {
            double from = plot.X(x.Position(band.From));
            double to = plot.X(x.Position(band.To));
            if (to - from < 0.01) continue;
            root.Add(new XElement(
                Svg + "rect",
                new XAttribute("class", "c-band"),
                new XAttribute("x", Number(from)),
                new XAttribute("y", Number(plot.Top)),
                new XAttribute("width", Number(to - from)),
                new XAttribute("height", Number(plot.Height)),
                new XElement(Svg + "title", PlainText.Xml(band.Name))));
            // A narrow band keeps its name as a tooltip, and at the foot where there is room beside it.
            double wide = TextPixels(band.Name) + 8;
            bool fits = to - from >= wide;
            bool atRightEdge = to > plot.Right - wide;
            root.Add(fits ? Text(from + 4, plot.Bottom - 6, band.Name, "c-small")
                : atRightEdge ? Text(from - 4, plot.Bottom - 6, band.Name, "c-small", "end")
                : Text(to + 4, plot.Bottom - 6, band.Name, "c-small"));
        }
    }

    private static void YAxis(XElement root, Plot plot, AxisMap y)
    {
        foreach (AxisTick tick in y.Ticks)
        {
            double at = plot.Y(y.Position(tick.Value));
            root.Add(Line(plot.Left, at, plot.Right, at, tick.Major ? "c-grid" : "c-minor"));
            if (tick.Major) root.Add(Text(plot.Left - 8, at + 4, tick.Label, "", "end"));
        }
    }

    private static void XAxis(XElement root, ChartAxis axis, Plot plot, AxisMap x)
    {
        double free = double.NegativeInfinity;
        foreach (AxisTick tick in x.Ticks)
        {
            double at = plot.X(x.Position(tick.Value));
            root.Add(Line(at, plot.Bottom, at, plot.Bottom + 4, "c-axis"));
            if (axis.Scale != AxisScale.Linear) root.Add(Line(at, plot.Top, at, plot.Bottom, "c-minor"));
            // Kept within the picture; left out where it would run into its neighbour.
            double half = TextPixels(tick.Label) / 2;
            double center = Math.Min(at, plot.Right + 14 - half);
            if (!tick.Major || center - half < free) continue;
            root.Add(Text(center, plot.Bottom + 18, tick.Label, "", "middle"));
            free = center + half + 6;
        }

        root.Add(Line(plot.Left, plot.Bottom, plot.Right, plot.Bottom, "c-axis"));
        root.Add(Text(plot.Right, plot.Bottom + 38, axis.Title, "c-small", "end"));
    }

    private static void Series(XElement root, ChartSeries series, int style, Plot plot, AxisMap x, AxisMap y)
    {
        if (series.Points.Count == 0) return;
        ChartPoint first = series.Points[0];
        if (series.Points.Count == 1)
        {
            root.Add(new XElement(
                Svg + "circle",
                new XAttribute("class", $"c-dot d{style}"),
                new XAttribute("cx", Number(plot.X(x.Position(first.X)))),
                new XAttribute("cy", Number(plot.Y(y.Position(first.Y)))),
                new XAttribute("r", "4")));
            return;
        }

        StringBuilder path = new();
        foreach (ChartPoint point in series.Points)
        {
            path.Append(path.Length == 0 ? 'M' : 'L').Append(Number(plot.X(x.Position(point.X)))).Append(' ').Append(Number(plot.Y(y.Position(point.Y))));
        }

        root.Add(new XElement(
            Svg + "path",
            new XAttribute("class", $"c-line k{style}"),
            new XAttribute("d", path.ToString()),
            new XElement(Svg + "title", PlainText.Xml(series.Name))));
    }

    private static void References(XElement root, ChartSpec spec, Plot plot, AxisMap y)
    {
        foreach (ChartReference reference in spec.References)
        {
            double at = plot.Y(y.Position(reference.Y));
            root.Add(Line(plot.Left, at, plot.Right, at, "c-ref"));
        }
    }

    private static XElement Line(double x1, double y1, double x2, double y2, string style) => new(
        Svg + "line",
        new XAttribute("class", style),
        new XAttribute("x1", Number(x1)),
        new XAttribute("y1", Number(y1)),
        new XAttribute("x2", Number(x2)),
        new XAttribute("y2", Number(y2)));

    private static XElement Text(double x, double y, string text, string style, string anchor = "start")
    {
        XElement element = new(Svg + "text", new XAttribute("x", Number(x)), new XAttribute("y", Number(y)), PlainText.Xml(text));
        if (style.Length > 0) element.Add(new XAttribute("class", style));
        if (anchor != "start") element.Add(new XAttribute("text-anchor", anchor));
        return element;
    }

    private static double TextPixels(string text) => text.Length * CharacterPixels;

    private static string Number(double value) => value.ToString("0.##", CultureInfo.InvariantCulture);

    /// <summary>The rectangle between the axes, in pixels of the picture.</summary>
    private readonly record struct Plot(double Left, double Top, double Right, double Bottom)
    {
        public double Width => Right - Left;
        public double Height => Bottom - Top;
        public double X(double position) => Left + (position * Width);
        public double Y(double position) => Bottom - (position * Height);
    }
}

/// <summary>Pixels of a picture; it scales, but its text is drawn for this width.</summary>
public sealed record SvgSize(int Width, int Height)
{
    /// <summary>The column of a page on a desktop.</summary>
    public static readonly SvgSize Wide = new(960, 320);

    /// <summary>A tablet, or half a desktop.</summary>
    public static readonly SvgSize Medium = new(620, 300);

    /// <summary>A telephone held upright.</summary>
    public static readonly SvgSize Narrow = new(340, 280);
}
