using Reports.Charts;
using Reports.JUnit;
using Reports.Markdown;
using Reports.Model;
using Reports.Terminal;
using Results;
using Results.Samples;

namespace Reports.Html;

/// <summary>Writes one page of every kind of outcome to <c>artifacts/samples</c>, to be looked at in a browser, and checks each as a document.</summary>
public sealed class SamplePagesTests
{
    private static readonly string Folder = Path.Combine(Repository.Root, "artifacts", "samples");

    public static TheoryData<string> Samples() => [.. SamplesByName.Keys];

    internal static readonly Dictionary<string, Func<RunResult>> SamplesByName = new()
    {
        ["reproduced"] = SampleRun.Reproduced,
        ["quick-not-reproduced"] = SampleRun.QuickNotReproduced,
        ["invalid"] = SampleRun.Invalid,
        ["interrupted"] = SampleRun.Interrupted,
        ["without-trials"] = SampleRun.WithoutTrials,
        ["probed"] = SampleRun.Probed,
        ["two-targets"] = SampleRun.TwoTargets,
        ["seven-blocks"] = SampleVariants.SevenBlocks,
        ["matrix"] = SampleVariants.Matrix,
    };

    [Theory]
    [MemberData(nameof(Samples))]
    public void Every_outcome_makes_a_page_of_its_own(string name)
    {
        RunResult run = SamplesByName[name]();
        string html = HtmlReport.Render(run);
        AtomicFile.WriteText(Path.Combine(Folder, name + ".html"), html);
        AtomicFile.WriteText(Path.Combine(Folder, name + ".txt"), string.Join('\n', TerminalReport.Render(run, 80)) + "\n");

        AtomicFile.WriteText(Path.Combine(Folder, name + ".md"), MarkdownReport.Write(run));
        AtomicFile.WriteText(Path.Combine(Folder, name + ".junit.xml"), JUnitReport.Write(run));

        ParsedPage page = ParsedPage.Parse(html);
        Assert.Equal(run.Title, page.Text("h1"));
        Assert.Empty(page.References());
        Assert.Empty(page.All("script"));
        Assert.Equal(page.Ids().Count, page.Ids().Distinct().Count());
        Assert.Equal(html, HtmlReport.Render(run));
    }

    [Fact]
    public void Charts_stand_alone_too()
    {
        RunReport report = RunReport.Of(SampleRun.Reproduced());
        foreach (ChartSpec spec in (ChartSpec[])[report.TrialCharts[0].Throughput, report.TrialCharts[0].Cpu, report.LatencyChart!])
        {
            string svg = SvgChart.RenderStandalone(spec, SvgSize.Wide);
            AtomicFile.WriteText(Path.Combine(Folder, spec.Id + ".svg"), svg);
            Assert.Contains("prefers-color-scheme:dark", svg, StringComparison.Ordinal);
        }
    }
}
