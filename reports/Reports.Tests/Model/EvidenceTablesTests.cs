using Results;
using Results.Samples;

namespace Reports.Model;

public sealed class EvidenceTablesTests
{
    private static readonly KernelEvidence Evidence = new()
    {
        NotMeasured = ["pages added to the page cache: because"],
        Calls = [new CallCount("pwrite64", 3000), new CallCount("fsync", 6)],
        Techniques = [new TechniqueSeen("log", "sequential", "x"), new TechniqueSeen("transfer", "copy", "x")],
    };

    [Fact]
    public void Calls_stand_per_megabyte_and_per_message_of_all_trials_in_which_they_were_counted()
    {
        ReportTable table = RunReport.Of(With(Evidence, Evidence, Evidence with { Calls = null })).Calls;
        Assert.Equal(["engine pwrite64 6,000 200 10", "engine fsync 12 0.4 0.02"], table.Rows.Select(row => string.Join(' ', row.Select(cell => cell.Text))));
    }

    [Fact]
    public void Calls_that_were_counted_for_a_moment_stand_per_what_was_carried_in_it()
    {
        CountedMoment moment = new(0.5, new FlowTotals(20_000, 900_000, 1_000_000, 10), new FlowTotals(10_000, 450_000, 500_000, 5));
        RunReport report = RunReport.Of(With(Evidence with { Counted = moment }));
        Assert.Equal(["engine pwrite64 3,000 2.00 k 100", "engine fsync 6 4 0.2"], report.Calls.Rows.Select(row => string.Join(' ', row.Select(cell => cell.Text))));
        Assert.Equal("2.00 k", report.Evidence.Rows[0][6].Text);
    }

    [Fact]
    public void Of_many_calls_the_most_frequent_are_shown()
    {
        KernelEvidence many = Evidence with { Calls = [.. Enumerable.Range(1, 21).Select(i => new CallCount($"call{i:00}", i))] };
        Assert.Equal(["call21", "call20", "call19", "call18", "call17", "call16", "call15", "call14"], RunReport.Of(With(many)).Calls.Rows.Select(row => row[1].Text));
    }

    [Fact]
    public void A_setting_that_the_calls_contradict_is_marked()
    {
        RunResult run = With(Evidence);
        run = run with
        {
            Targets = [run.Targets[0] with { Configuration = new Dictionary<string, string> { ["technique.log"] = "sequential", ["technique.transfer"] = "sendfile" } }],
        };
        IReadOnlyList<ReportCell> row = Assert.Single(RunReport.Of(run).Evidence.Rows);
        Assert.Equal(["–", "sequential", "–", "copy, set to sendfile"], row.Skip(2).Take(4).Select(cell => cell.Text));
        Assert.Equal([CellMark.Muted, CellMark.None, CellMark.Muted, CellMark.Bad], row.Skip(2).Take(4).Select(cell => cell.Mark));
    }

    [Fact]
    public void Every_report_shows_them_and_what_could_not_be_measured()
    {
        foreach (string report in ReportForms.All(With(Evidence)))
        {
            Assert.Contains("pwrite64", report, StringComparison.Ordinal);
            Assert.Contains("Not measurable here: pages added to the page cache: because", report, StringComparison.Ordinal);
        }
    }

    [Fact]
    public void Collections_stand_with_their_pauses_and_brokers_that_tell_of_none_have_no_row()
    {
        RunResult run = With(null, null);
        run = run with
        {
            Trials =
            [
                run.Trials[0] with { Broker = run.Trials[0].Broker with { GcCount = 3, GcPauseSeconds = 0.0042, GcLongestPauseSeconds = 0.002, AllocatedBytes = 5_000_000 } },
                run.Trials[1] with { Broker = run.Trials[1].Broker with { GcCount = null } },
            ],
        };
        Assert.Equal("1 engine 3 4.20 ms 2 ms 5.00 MB 25 B", string.Join(' ', Assert.Single(RunReport.Of(run).Collections.Rows).Select(cell => cell.Text)));
    }

    [Fact]
    public void Without_evidence_there_are_no_rows()
    {
        RunReport report = RunReport.Of(With([null]));
        Assert.Empty(report.Evidence.Rows);
        Assert.Empty(report.Calls.Rows);
        Assert.Empty(report.NotMeasured);
    }

    /// <summary>One trial an evidence, each with 10 MB and 200,000 messages in and 5 MB and 100,000 messages out.</summary>
    private static RunResult With(params KernelEvidence?[] evidence)
    {
        RunResult run = SampleRun.Reproduced();
        return run with
        {
            Variants = [],
            Trials =
            [
                .. evidence.Select((seen, index) => run.Trials[0] with
                {
                    Index = index,
                    Evidence = seen,
                    Acknowledged = new FlowTotals(200_000, 9_000_000, 10_000_000, 100),
                    Consumed = new FlowTotals(100_000, 4_500_000, 5_000_000, 50),
                }),
            ],
        };
    }
}
