using Reports.Model;
using Results;
using Results.Samples;

namespace Reports.Html;

public sealed class HtmlReportTests
{
    private static ParsedPage Page(RunResult run) => ParsedPage.Parse(HtmlReport.Render(run));

    private static readonly Lazy<string> Reproduced = new(() => Page(SampleRun.Reproduced()).Body());

    [Fact]
    public void The_verdict_and_its_evidence_come_before_the_figures()
    {
        RunResult run = SampleRun.Reproduced();
        string body = Page(run).Body();

        int verdict = body.IndexOf(run.Verdicts[0].Sentence, StringComparison.Ordinal);
        int evidence = body.IndexOf(run.Verdicts[0].Evidence[0], StringComparison.Ordinal);
        int figures = body.IndexOf("Of the bare pipeline", StringComparison.Ordinal);
        Assert.True(verdict > 0 && evidence > verdict && figures > evidence);
    }

    [Theory]
    [InlineData("20.7 M msg/s")]
    [InlineData("621 MB/s")]
    [InlineData("of 20 M msg/s: 103 %, 600 MB/s: 103 %")]
    [InlineData("of 1.49 GB/s on the wire, same run")]
    [InlineData("512 KiB")]
    [InlineData("acks leader, 1 replica; no fsync asked for, the kernel writes back")]
    [InlineData("Ring in memory: segments were recycled")]
    [InlineData("every byte of every value compared")]
    [InlineData("Closed-loop time")]
    [InlineData("up to 3.2 µs older")]
    [InlineData("714,824,237")]
    [InlineData("42.9 M")]
    [InlineData("AMD EPYC 7763 64-Core Processor")]
    [InlineData("log.retention.bytes")]
    [InlineData("gc.server")]
    [InlineData("Generator and broker share the CPUs of this machine.")]
    [InlineData("./run-bench.sh run scenarios/claims/kafka-20m.yaml")]
    [InlineData("20261122T153000Z-kafka-20m")]
    public void A_page_holds_what_a_reader_must_know(string text) =>
        Assert.Contains(text, Reproduced.Value, StringComparison.Ordinal);

    [Fact]
    public void Figures_of_an_invalid_run_are_struck_out()
    {
        ParsedPage page = Page(SampleRun.Invalid());

        string[] struck = [.. page.All("del").Select(d => ParsedPage.Fold(d.Value))];
        Assert.Contains("20.7 M msg/s", struck);
        Assert.Contains("53 %", struck);
        Assert.Contains("Void Verification failed in trial 1 (engine). Its figures are struck out: none of them stands.", page.WithClass("banner").Select(b => ParsedPage.Fold(b.Value)));
        Assert.All(page.WithClass("value"), v => Assert.NotEmpty(v.Elements("del")));
        Assert.Contains("byte 23 of 30 is 0x5b; 0x5a was sent", page.Body(), StringComparison.Ordinal);
        Assert.Empty(Page(SampleRun.Reproduced()).All("del"));
    }

    [Fact]
    public void A_run_without_trials_has_a_page_without_empty_tables()
    {
        ParsedPage page = Page(SampleRun.WithoutTrials());

        Assert.Empty(page.All("table"));
        Assert.Empty(page.All("svg"));
        Assert.Contains("did not answer on 127.0.0.1:9092", page.Body(), StringComparison.Ordinal);
        Assert.Contains("Run it again", page.Body(), StringComparison.Ordinal);
    }

    [Fact]
    public void Each_target_has_its_figures_and_each_trial_its_pictures()
    {
        ParsedPage page = Page(SampleRun.TwoTargets());

        Assert.Equal(["Figure", "engine", "kafka"], page.All("table")[0].Element("thead")!.Descendants("th").Select(th => ParsedPage.Fold(th.Value)));
        Assert.Equal(3, page.All("details").Count);
        Assert.Contains("kafka, end to end", page.All("text").Select(t => t.Value));
    }

    [Fact]
    public void Missing_latency_and_device_figures_are_said_to_be_missing()
    {
        RunResult run = SampleRun.Reproduced();
        Trial trial = run.Trials[0];
        trial = trial with
        {
            Latency = trial.Latency with { Publish = null, EndToEnd = null },
            Storage = trial.Storage with { DeviceWriteBytes = null, CancelledWriteBytes = null, DeviceReadBytes = null },
            BarePipelineShare = null,
            BarePipelineBytesPerSecond = null,
            Trend = null,
            Series = [],
        };
        string body = Page(run with { Trials = [trial] }).Body();

        Assert.Contains("not measurable", body, StringComparison.Ordinal);
        Assert.Contains("no data", body, StringComparison.Ordinal);
        Assert.DoesNotContain("Latency by percentile", body, StringComparison.Ordinal);
    }

    [Fact]
    public void Hostile_text_of_a_document_stays_text()
    {
        const string hostile = "<script>alert('x')</script><img src=x onerror=alert(1)>&amp;\"";
        RunResult run = SampleRun.Invalid();
        run = run with
        {
            Title = hostile,
            Name = hostile,
            Command = hostile,
            Notes = [hostile],
            Outcome = new RunOutcome(RunStatus.Failed, 5, hostile),
            Verdicts = [run.Verdicts[0] with { Id = hostile, Sentence = hostile, Evidence = [hostile] }],
            Targets = [run.Targets[0] with { Version = hostile, Configuration = new Dictionary<string, string> { [hostile] = hostile } }],
            Trials = [run.Trials[0] with { Target = hostile, LimitedBy = hostile, Cause = hostile, Status = TrialStatus.Failed }],
        };
        ParsedPage page = Page(run);

        Assert.Empty(page.All("script"));
        Assert.Empty(page.All("img"));
        Assert.Equal(hostile, page.Text("h1"));
        Assert.Equal(hostile, page.Text("pre"));
    }

    [Fact]
    public void A_histogram_that_cannot_be_read_is_named()
    {
        RunResult run = SampleRun.Reproduced();
        Trial trial = run.Trials[0];
        trial = trial with { Latency = trial.Latency with { Publish = trial.Latency.Publish! with { HdrV2Base64 = "garbage" } } };

        ResultFormatException e = Assert.Throws<ResultFormatException>(() => HtmlReport.Render(run with { Trials = [trial] }));
        Assert.StartsWith("latency histogram: ", e.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("53 % of 20.7 M msg/s", "53\u00a0% of 20.7\u00a0M\u00a0msg/s")]
    [InlineData("1.3 GB in 5 ms", "1.3\u00a0GB in 5\u00a0ms")]
    [InlineData("2 targets", "2 targets")]
    public void A_number_keeps_its_unit(string text, string bound) => Assert.Equal(bound, Typography.Bind(text));

    [Fact]
    public void Tables_name_their_columns_and_scroll_in_their_own_box()
    {
        ParsedPage page = Page(SampleRun.TwoTargets());

        Assert.Equal(page.All("table").Count, page.WithClass("table-box").Count);
        Assert.All(page.All("table"), t => Assert.Equal("table-box", t.Parent!.Attribute("class")!.Value));
        Assert.Equal(RunReport.Of(SampleRun.TwoTargets()).SideBySide[0].Table.Rows.Count, page.All("table")[0].Elements("tbody").Single().Elements("tr").Count());
    }
}
