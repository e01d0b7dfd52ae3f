using Reports.Charts;
using Results;
using Results.Samples;

namespace Reports.Model;

public sealed class SideBySideTests
{
    private static SideBySide Only(RunResult run) => Assert.Single(SideBySide.Of(run));

    private static string[] Row(ReportTable table, string name) => [.. table.Rows.Single(r => r[0].Text == name).Select(c => c.Text)];

    [Fact]
    public void Variants_stand_beside_each_other_with_their_ratio_to_the_first()
    {
        SideBySide side = Only(SampleVariants.SevenBlocks());

        Assert.Equal([(null, "Figure"), (null, "sendfile"), ("copy", "median"), ("copy", "ratio")], side.Table.Columns.Select(c => (c.Group, c.Header)));
        Assert.Equal(["consumed, msg/s", "20.7 M", "19.0 M", "0.912 (0.903 to 0.921)"], Row(side.Table, "consumed, msg/s"));
        Assert.Equal(["values a second", "621 MB/s", "569 MB/s", "–"], Row(side.Table, "values a second"));
        Assert.Equal(["broker CPU s/GB", "0.982", "2.04", "2.080 (2.059 to 2.101)"], Row(side.Table, "broker CPU s/GB"));
        Assert.Equal(["broker CPU of bare calls", "131 %", "131 %"], Row(side.Table, "broker CPU of bare calls")[..3]);
        Assert.Equal(["Trials", "14", "14", ""], Row(side.Table, "Trials"));
        Assert.Equal(["Verified", "yes", "yes", ""], Row(side.Table, "Verified"));
    }

    [Fact]
    public void Unequal_work_and_what_latency_hides_are_told_below_the_table()
    {
        Assert.Equal(
            [
                "consume.rate of copy is 0.912 times that of sendfile (95 % interval 0.903 to 0.921, 7 blocks); copy has compression lz4 instead of none.",
                "publish.p50, publish.p99, e2e.p50, e2e.p99 of copy: closed loop: a stall delays the next message unseen.",
            ],
            Only(SampleVariants.SevenBlocks()).Remarks);
        Assert.Equal(
            ["sendfile: none", "copy: lz4"],
            Conditions.Of(SampleVariants.SevenBlocks()).Where(f => f.Name.StartsWith("Compression, ", StringComparison.Ordinal)).Select(f => $"{f.Name[13..]}: {f.Value}"));
    }

    [Fact]
    public void What_does_not_stand_is_void_and_what_the_generator_limited_is_not_ranked()
    {
        RunResult run = SampleVariants.SevenBlocks();
        Trial[] trials = [.. run.Trials];
        trials[1] = trials[1] with { Verification = trials[1].Verification with { Lost = 1 } };
        trials[3] = trials[3] with { GeneratorLimits = trials[3].GeneratorLimits with { GeneratorLimited = true, Reason = "x" } };
        ReportTable table = Only(run with { Trials = trials }).Table;

        Assert.Equal([CellMark.None, CellMark.None, CellMark.Void], table.Rows[0].Take(3).Select(c => c.Mark));
        Assert.Equal(["Ranked", "no: generator, 1 of 14", "yes", ""], Row(table, "Ranked"));
        Assert.Equal("violated", Row(table, "Verified")[2]);
    }

    [Fact]
    public void Trials_of_other_warm_ups_lie_above_each_other_by_their_counted_windows()
    {
        RunResult run = SampleVariants.SevenBlocks();
        ChartSpec alike = VariantCharts.Throughput(run)!;
        Trial first = run.Trials[0];
        SecondSample[] longer =
        [
            .. Enumerable.Range(1, 30).Select(second => first.Series[0] with { AtSecond = second, ConsumedMessages = 1 }),
            .. first.Series.Select(second => second with { AtSecond = second.AtSecond + 30 }),
        ];
        run = run with { Trials = [first with { WarmupSeconds = first.WarmupSeconds + 30, Series = longer }, .. run.Trials.Skip(1)] };
        ChartSpec shifted = VariantCharts.Throughput(run)!;
        Assert.Equal(alike.Bands, shifted.Bands);
        Assert.All(alike.Series.Zip(shifted.Series), pair => Assert.Equal(pair.First.Points, pair.Second.Points));
    }

    [Fact]
    public void Documents_without_variants_have_their_targets_beside_each_other()
    {
        SideBySide side = Only(SampleRun.TwoTargets());
        Assert.Equal(["Figure", "engine", "kafka"], side.Table.Columns.Select(c => c.Header));
        Assert.Null(SideBySide.Statement(SampleRun.TwoTargets()));
        Assert.Empty(SideBySide.Of(SampleRun.Reproduced()));
    }

    [Fact]
    public void A_matrix_has_one_table_over_its_points()
    {
        ReportTable table = MatrixTable.Of(SampleVariants.Matrix())!;

        Assert.Equal(6, table.Rows.Count);
        Assert.Equal(["30B", "kafka", "3.84 M", "115 MB/s", "0.185"], table.Rows[1].Take(5).Select(c => c.Text));
        Assert.Equal(["message.size 30B", "message.size 100B", "message.size 1KiB"], SideBySide.Of(SampleVariants.Matrix()).Select(s => s.Title));
        Assert.Null(MatrixTable.Of(SampleVariants.SevenBlocks()));
        Assert.EndsWith("quick: no interval.", SideBySide.Statement(SampleVariants.Matrix()), StringComparison.Ordinal);
    }

    [Fact]
    public void A_matrix_of_single_variants_needs_no_ratios()
    {
        RunResult run = SampleVariants.Matrix();
        run = run with
        {
            Variants = [.. run.Variants.Where(v => v.Target == "engine")],
            Trials = [.. run.Trials.Where(t => t.Target == "engine")],
            Comparisons = [],
        };
        Assert.Empty(SideBySide.Of(run));
        Assert.DoesNotContain(MatrixTable.Of(run)!.Columns, c => c.Header is "ratio" or "Variant");
        Assert.Equal("6 trials", Conditions.Of(run with { Variants = [.. run.Variants.Select(v => v with { Scenario = v.Scenario with { Repeat = 2 } })] }).Single(f => f.Name == "Repeat").Value);
    }

    [Fact]
    public void Variants_are_drawn_over_each_other_by_their_median_in_each_second()
    {
        ChartSpec chart = VariantCharts.Throughput(SampleVariants.SevenBlocks())!;
        Assert.Equal(["sendfile", "copy"], chart.Series.Select(s => s.Name));
        Assert.Equal(Enumerable.Range(0, 15).Select(s => s + 0.5), chart.Series[0].Points.Select(p => p.X));
        RunResult run = SampleVariants.SevenBlocks();
        double[] sixth = [.. run.Trials.Where(t => t.Variant == "copy").Select(t => (double)t.Series[6].ConsumedMessages).Order()];
        Assert.Equal((sixth[6] + sixth[7]) / 2, chart.Series[1].Points[6].Y);
        Assert.Null(VariantCharts.Throughput(SampleRun.Reproduced()));
    }

    [Fact]
    public void A_long_run_draws_the_trial_of_each_variant_that_is_nearest_to_its_median()
    {
        RunReport report = RunReport.Of(SampleVariants.SevenBlocks());
        Assert.Equal(["sendfile", "copy"], report.TrialCharts.Select(c => c.Name.Split(", ")[1]));
        Assert.All(report.TrialCharts, c => Assert.EndsWith("nearest to its median", c.Name, StringComparison.Ordinal));
        Assert.Empty(RunReport.Of(SampleVariants.Matrix()).TrialCharts);
    }

    [Fact]
    public void Many_trials_with_the_same_fault_share_a_banner()
    {
        RunResult run = SampleVariants.SevenBlocks();
        run = run with { Trials = [.. run.Trials.Select(t => t with { Steady = t.Variant == "copy" })] };
        Banner banner = Assert.Single(Banner.Of(run));
        Assert.Equal("14 of 28 trials had counted windows that were not steady (14 of sendfile).", banner.Text);
    }
}
