using System.Globalization;
using System.Text.RegularExpressions;
using System.Xml.Linq;
using Reports.Formatting;
using Reports.Model;
using Results.Samples;

namespace Reports.Charts;

public sealed partial class SvgChartTests
{
    private static readonly ChartAxis Linear = new("x", AxisScale.Linear, Quantity.Number);

    private static ChartSpec Spec(params ChartPoint[] points) => new()
    {
        Id = "c",
        Title = "A title",
        Description = "A description",
        X = Linear,
        Y = Linear,
        Series = [new ChartSeries("line", points)],
    };

    [Fact]
    public void A_chart_tells_its_content_to_those_who_do_not_see_it()
    {
        XElement svg = Parse(SvgChart.RenderStandalone(Spec(new(0, 1), new(1, 2)), SvgSize.Wide));

        string[] ids = svg.Attribute("aria-labelledby")!.Value.Split(' ');
        Assert.Equal("img", svg.Attribute("role")!.Value);
        Assert.Equal(["A title", "A description"], ids.Select(id => svg.Elements().Single(e => e.Attribute("id")?.Value == id).Value));
    }

    [Fact]
    public void The_same_chart_is_the_same_bytes()
    {
        ChartSpec spec = RunReport.Of(SampleRun.Reproduced()).LatencyChart!;
        Assert.Equal(SvgChart.RenderStandalone(spec, SvgSize.Narrow), SvgChart.RenderStandalone(spec, SvgSize.Narrow));
        Assert.DoesNotContain("<style", SvgChart.RenderInline(spec, SvgSize.Wide), StringComparison.Ordinal);
    }

    [Fact]
    public void No_points_say_so_and_one_point_is_a_dot()
    {
        Assert.Contains("no data", Texts(Parse(SvgChart.RenderInline(Spec(), SvgSize.Wide))));

        XElement one = Parse(SvgChart.RenderInline(Spec(new ChartPoint(3, 7)), SvgSize.Wide));
        Assert.Single(Named(one, "circle"));
        Assert.Empty(Named(one, "path"));
        Assert.DoesNotContain("no data", Texts(one));
    }

    [Fact]
    public void No_series_at_all_still_makes_a_picture()
    {
        ChartSpec spec = Spec() with { Series = [], Y = new ChartAxis("y", AxisScale.Log, Quantity.Micros), X = new ChartAxis("x", AxisScale.Nines, Quantity.Number) };
        Assert.Contains("no data", Texts(Parse(SvgChart.RenderInline(spec, SvgSize.Wide))));
    }

    [Theory]
    [InlineData(double.NaN, 1)]
    [InlineData(1, double.NaN)]
    [InlineData(double.PositiveInfinity, 1)]
    [InlineData(1, double.NegativeInfinity)]
    public void What_is_no_number_is_refused(double x, double y) => Assert.Throws<ArgumentOutOfRangeException>(() => new ChartPoint(x, y));

    [Fact]
    public void Zeros_on_a_logarithmic_axis_lie_on_its_lower_edge()
    {
        ChartSpec spec = Spec(new(0, 0), new(1, 100), new(2, 1000)) with { Y = new ChartAxis("y", AxisScale.Log, Quantity.Micros) };
        XElement svg = Parse(SvgChart.RenderInline(spec, SvgSize.Wide));

        double[] heights = Heights(svg);
        double axis = double.Parse(Named(svg, "line").Last(l => l.Attribute("class")!.Value == "c-axis").Attribute("y1")!.Value, CultureInfo.InvariantCulture);
        Assert.Equal([axis, axis], heights[..2]); // 100 is where the axis begins
        Assert.True(heights[2] < axis);
    }

    [Fact]
    public void Only_zeros_on_a_logarithmic_axis_are_drawn_too()
    {
        ChartSpec spec = Spec(new(0, 0), new(1, 0)) with { Y = new ChartAxis("y", AxisScale.Log, Quantity.Micros) };
        Assert.Single(Heights(Parse(SvgChart.RenderInline(spec, SvgSize.Wide))).Distinct());
    }

    [Fact]
    public void Equal_and_negative_values_stay_inside()
    {
        foreach (ChartPoint[] points in (ChartPoint[][])[[new(5, 5), new(5, 5)], [new(-3, -20), new(-1, -10)], [new(0, 1e15), new(1, 1e-15)]])
        {
            XElement svg = Parse(SvgChart.RenderInline(Spec(points), SvgSize.Narrow));
            Assert.All(Heights(svg), y => Assert.InRange(y, 0, SvgSize.Narrow.Height));
        }
    }

    [Fact]
    public void Series_differ_without_colour()
    {
        string[] dashes = [.. Dash().Matches(SvgChart.StyleSheet).Select(m => m.Groups["dash"].Value)];
        Assert.Equal(5, dashes.Distinct().Count()); // the first of the six is solid

        ChartSeries[] many = [.. Enumerable.Range(0, 8).Select(i => new ChartSeries($"series {i}", [new(0, i), new(1, i)]))];
        XElement svg = Parse(SvgChart.RenderInline(Spec() with { Series = many }, SvgSize.Narrow));
        string[] styles = [.. Named(svg, "path").Select(p => p.Attribute("class")!.Value)];
        Assert.Equal(6, styles.Distinct().Count());
        Assert.All(many, s => Assert.Contains(s.Name, Texts(svg)));
    }

    [Fact]
    public void Hostile_names_stay_text()
    {
        const string hostile = "</title><script>alert(1)</script>\u0001&";
        ChartSpec spec = Spec(new(0, 1), new(1, 2)) with
        {
            Title = hostile,
            Description = hostile,
            Series = [new ChartSeries(hostile, [new(0, 1)])],
            Bands = [new ChartBand(hostile, 0, 1)],
        };
        XElement svg = Parse(SvgChart.RenderStandalone(spec, SvgSize.Wide));

        Assert.Empty(Named(svg, "script"));
        Assert.Contains("</title><script>alert(1)</script> &", Texts(svg));
    }

    [Fact]
    public void Nines_are_spread_evenly()
    {
        AxisMap map = AxisMap.Fit(new ChartAxis("p", AxisScale.Nines, Quantity.Number), [0, 50, 99.9999], 5);

        Assert.Equal(["0", "50", "90", "99", "99.9", "99.99", "99.999", "99.9999"], map.Ticks.Select(t => t.Label));
        Assert.Equal(0, map.Position(0));
        Assert.Equal(1 / 6.0, map.Position(90), 6);
        Assert.Equal(2 / 6.0, map.Position(99), 6);
        Assert.Equal(3 / 6.0, map.Position(99.9), 6);
        Assert.Equal(1, map.Position(100), 6);
    }

    [Theory]
    [InlineData(0, 21.7e6, 5, new[] { "0", "5 M", "10 M", "15 M", "20 M", "25 M" })]
    [InlineData(0, 2, 4, new[] { "0", "0.5", "1", "1.5", "2" })]
    [InlineData(0, 0, 2, new[] { "0", "0.5", "1" })]
    public void Ticks_are_round_numbers(double from, double to, int count, string[] labels) =>
        Assert.Equal(labels, AxisMap.Fit(new ChartAxis("y", AxisScale.Linear, Quantity.MessagesPerSecond), [from, to], count).Ticks.Select(t => t.Label));

    [Fact]
    public void A_short_logarithmic_axis_labels_more_than_its_decades()
    {
        AxisMap map = AxisMap.Fit(new ChartAxis("y", AxisScale.Log, Quantity.Micros), [300, 4000], 5);
        Assert.Equal(["200 µs", "500 µs", "1 ms", "2 ms", "5 ms"], map.Ticks.Select(t => t.Label));
    }

    [Fact]
    public void A_trial_s_charts_shade_warm_up_and_drain_and_mark_the_claim()
    {
        TrialCharts charts = RunReport.Of(SampleRun.Reproduced()).TrialCharts[0];

        Assert.Equal([new ChartBand("warm-up", 0, 5), new ChartBand("drain", 35, 36)], charts.Throughput.Bands);
        Assert.Equal([new ChartReference("claim 20 M msg/s", 20e6)], charts.Throughput.References);
        Assert.Equal(["sent", "acknowledged", "consumed"], charts.Throughput.Series.Select(s => s.Name));
        Assert.Equal(["broker", "generator", "together"], charts.Cpu.Series.Select(s => s.Name));
        Assert.Equal(36, charts.Cpu.Series[0].Points.Count);
        Assert.Equal([("publish", 30), ("end to end", 30)], charts.Latency!.Series.Select(s => (s.Name, s.Points.Count)));
    }

    [Fact]
    public void The_latency_curve_rises_from_the_median_to_the_slowest_message()
    {
        Results.RunResult run = SampleRun.Reproduced();
        ChartSeries publish = RunReport.Of(run).LatencyChart!.Series[0];
        Results.LatencyHistogram histogram = run.Trials[0].Latency.Publish!;

        Assert.Equal(histogram.MaxMicros, publish.Points[^1].Y);
        Assert.All(publish.Points.Zip(publish.Points.Skip(1)), p => Assert.True(p.Second.Y >= p.First.Y));
        ChartPoint median = publish.Points.MinBy(p => Math.Abs(p.X - 50));
        Assert.InRange(median.Y, histogram.P50Micros * 0.9, histogram.P50Micros * 1.1);
    }

    [GeneratedRegex(@"\.chart \.k[0-5]\{[^}]*stroke-dasharray:(?<dash>[^}]+)\}")]
    private static partial Regex Dash();

    private static XElement Parse(string svg) => XElement.Parse(svg);

    private static IReadOnlyList<XElement> Named(XElement svg, string name) => [.. svg.Descendants().Where(e => e.Name.LocalName == name)];

    private static IReadOnlyList<string> Texts(XElement svg) => [.. Named(svg, "text").Select(t => t.Value)];

    private static double[] Heights(XElement svg) =>
    [
        .. Named(svg, "path").Single().Attribute("d")!.Value.Split('M', 'L').Skip(1).Select(p => double.Parse(p.Split(' ')[1], CultureInfo.InvariantCulture)),
    ];
}
