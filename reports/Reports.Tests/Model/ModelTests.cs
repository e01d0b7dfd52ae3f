using Results;
using Results.Samples;

namespace Reports.Model;

public sealed class ModelTests
{
    [Theory]
    [InlineData("consume.rate >= 20M/s", "consume", false, 20e6)]
    [InlineData("consume.bytes >= 600MB/s", "consume", true, 600e6)]
    [InlineData("produce.bytes>=1.5GiB/s", "produce", true, 1.5 * (1 << 30))]
    [InlineData("produce.rate > 500/s", "produce", false, 500)]
    public void An_expected_rate_is_read_for_its_number(string text, string flow, bool inBytes, double perSecond) =>
        Assert.Equal(new RateExpectation(flow, inBytes, perSecond), RateExpectation.Parse(text));

    [Theory]
    [InlineData("e2e.p99 < 10ms")]
    [InlineData("consume.rate <= 20M/s")]
    [InlineData("consume.rate >= 20MB/s")]
    [InlineData("consume.bytes >= 20M/s")]
    [InlineData("consume.rate >= 0/s")]
    [InlineData("")]
    public void Other_expectations_are_left_alone(string text) => Assert.Null(RateExpectation.Parse(text));

    [Fact]
    public void A_probe_is_a_table_with_the_units_of_its_figures_and_the_reason_of_what_is_missing()
    {
        RunReport report = RunReport.Of(SampleRun.Probed());
        string[] rows = [.. report.Probe.Rows.Select(row => string.Join(" | ", row.Select(cell => cell.Text)))];
        Assert.Equal("page cache → socket: sendfile | 512 KiB | 3.70 GB/s | 3.50 GB/s | 3.90 GB/s | 0.260 | 0.060 | –", rows[0]);
        Assert.Equal("encode records | – | 84.0 M rec/s | 84.0 M rec/s | 84.0 M rec/s | – | – | –", rows[1]);
        Assert.Equal("reading the clock | – | 29.6 ns | 29.6 ns | 29.6 ns | – | – | –", rows[2]);
        Assert.StartsWith("fdatasync, median | 4 KiB | 124 µs |", rows[3], StringComparison.Ordinal);
        Assert.Equal("random read, direct | 4 KiB | – | – | – | – | – | tmpfs lies in memory", rows[4]);
        Assert.All(report.Probe.Rows, row => Assert.Equal(report.Probe.Columns.Count, row.Count));
        Assert.Empty(report.Banners);
        Assert.Contains(report.Conditions, fact => fact.Value.EndsWith("not measured again for this report", StringComparison.Ordinal));
        Assert.Empty(RunReport.Of(SampleRun.Reproduced()).Probe.Rows);
    }

    [Fact]
    public void The_share_of_a_claim_is_the_weaker_one_of_what_it_asks()
    {
        RunResult run = SampleRun.Reproduced();
        run = run with { Scenario = run.Scenario with { Expect = ["consume.rate >= 10M/s", "consume.bytes >= 1242MB/s"] } };

        Figure claim = Headline.Of(run)[0].Figures.Single(f => f.Name == "Of the claim");
        Assert.Equal("50 %", claim.Value);
        Assert.Equal("of 10 M msg/s: 207 %, 1.24 GB/s: 50 %", claim.Detail);
    }

    [Fact]
    public void Several_trials_give_a_median_and_their_spread()
    {
        RunResult run = SampleRun.TwoTargets();
        Headline headline = Assert.Single(Headline.Of(run with { Trials = [.. run.Trials.Where(t => t.Target == "engine")] }));

        Assert.Equal("Engine 0.1.0 (4f1c2d9)", headline.Product);
        Assert.Equal("20.8 M msg/s", headline.Figures[0].Value);
        Assert.Equal("consumed; median of 2, 20.7 M to 21.0 M", headline.Figures[0].Detail);
        Assert.Empty(Headline.Of(run));
        Assert.Equal(new Spread(2.5, 1, 4, 4), Spread.Of([4, 1, 3, 2]));
        Assert.Null(Spread.Of([]));
    }

    [Fact]
    public void Without_a_consumer_the_acknowledged_messages_are_the_figure()
    {
        RunResult run = SampleRun.Reproduced();
        run = run with { Scenario = run.Scenario with { Consumers = run.Scenario.Consumers with { Mode = "none" } } };

        Assert.Equal("acknowledged", Headline.Of(run)[0].Figures[0].Detail);
        Assert.DoesNotContain(Headline.Of(run)[0].Figures, f => f.Name == "Of the claim");
        Assert.Equal("none", Conditions.Of(run).Single(f => f.Name == "Consumers").Value);
    }

    [Theory]
    [InlineData("log.flush.interval.messages", "1", "fsync before every acknowledgement")]
    [InlineData("log.flush.interval.messages", "10000", "fsync every 10,000 messages")]
    [InlineData("log.flush.interval.messages", "9223372036854775807", "no fsync asked for, the kernel writes back")]
    [InlineData("log.flush.interval.ms", "1000", "fsync every 1 s")]
    [InlineData("log.segment.bytes", "1", "no fsync asked for, the kernel writes back")]
    public void Durability_is_read_from_the_broker_s_configuration(string key, string value, string expected)
    {
        RunResult run = SampleRun.Reproduced();
        run = run with { Targets = [run.Targets[0] with { Configuration = new Dictionary<string, string> { [key] = value } }] };

        Assert.Equal($"acks leader, 1 replica; {expected}", Conditions.Of(run).Single(f => f.Name == "Durability").Value);
    }

    [Fact]
    public void Unequal_durability_is_told_for_each_target()
    {
        RunResult run = SampleRun.TwoTargets();
        run = run with { Targets = [run.Targets[0], run.Targets[1] with { Configuration = new Dictionary<string, string>() }] };

        Assert.Equal(
            ["Durability, engine", "Durability, kafka"],
            Conditions.Of(run).Where(f => f.Name.StartsWith("Durability", StringComparison.Ordinal)).Select(f => f.Name));
        Assert.EndsWith("flush settings not reported", Conditions.Of(run).Single(f => f.Name == "Durability, kafka").Value, StringComparison.Ordinal);
    }

    [Fact]
    public void Every_condition_of_a_figure_is_listed()
    {
        string[] names =
        [
            "Message", "Payload", "Compression", "Acks", "Batch", "Linger", "In flight", "Partitions", "Producers", "Consumers", "Load",
            "Warm-up", "Seed", "Repeat", "Durability", "Verification", "Storage",
        ];
        Assert.Equal(names, Conditions.Of(SampleRun.Reproduced()).Select(f => f.Name));
    }

    [Fact]
    public void What_spoils_a_run_is_said_first()
    {
        Assert.Empty(Banner.Of(SampleRun.Reproduced()));
        Assert.Equal(["Quick"], Banner.Of(SampleRun.QuickNotReproduced()).Select(b => b.Label));
        Assert.Equal(["Void"], Banner.Of(SampleRun.Invalid()).Select(b => b.Label));
        Assert.Equal(["Interrupted", "Partial"], Banner.Of(SampleRun.Interrupted()).Select(b => b.Label));
        Assert.Equal("Trial 1 (engine) interrupted at second 13.2: interrupted by the user.", Banner.Of(SampleRun.Interrupted())[1].Text);
        Assert.Equal("The engine did not answer on 127.0.0.1:9092 within 10 s. Nothing was measured.", Banner.Of(SampleRun.WithoutTrials())[0].Text);
    }

    [Fact]
    public void A_generator_at_its_limit_and_an_unsteady_window_are_said()
    {
        RunResult run = SampleRun.Reproduced();
        Trial trial = run.Trials[0];
        trial = trial with
        {
            Steady = false,
            Trend = -0.31,
            GeneratorLimits = trial.GeneratorLimits with { GeneratorLimited = true, Reason = "over 80 % of the null sink" },
        };

        IReadOnlyList<Banner> banners = Banner.Of(run with { Trials = [trial] });
        Assert.Equal(["Generator-limited", "Not steady"], banners.Select(b => b.Label));
        Assert.Contains("over 80 % of the null sink", banners[0].Text, StringComparison.Ordinal);
        Assert.Contains("−31 %", banners[1].Text, StringComparison.Ordinal);
    }

    [Fact]
    public void A_column_of_every_table_has_a_cell_in_every_row()
    {
        foreach (RunResult run in (RunResult[])[SampleRun.TwoTargets(), SampleRun.Invalid(), SampleRun.Interrupted(), SampleVariants.SevenBlocks(), SampleVariants.Matrix()])
        {
            RunReport report = RunReport.Of(run);
            foreach (ReportTable table in (ReportTable[])
                [
                    report.Throughput, report.Latency, report.Limits, report.Verification, report.Violations, report.Ceilings, report.Storage,
                    .. report.SideBySide.Select(s => s.Table), .. report.Matrix is null ? [] : (ReportTable[])[report.Matrix],
                ])
            {
                Assert.All(table.Rows, row => Assert.Equal(table.Columns.Count, row.Count));
            }
        }
    }
}
