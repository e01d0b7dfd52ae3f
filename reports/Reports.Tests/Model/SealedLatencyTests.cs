using Results;
using Results.Samples;

namespace Reports.Model;

/// <summary>Latency behind the seal of a batch stands in every form of a report, where there is one.</summary>
public sealed class SealedLatencyTests
{
    private const string Said = "behind the seal";

    [Fact]
    public void Each_trial_has_a_row_of_it()
    {
        ReportTable table = RunReport.Of(Sealed()).SealedLatency;

        Assert.Equal(Sealed().Trials.Count, table.Rows.Count);
        Assert.Equal(["123 µs", "456 µs"], table.Rows[0].Where(cell => cell.Text is "123 µs" or "456 µs").Select(cell => cell.Text));
        Assert.Contains(table.Rows[0], cell => cell.Text == "789 µs");
    }

    [Fact]
    public void Pages_and_terminal_show_it()
    {
        Assert.All(ReportForms.All(Sealed()), text => Assert.All([Said, "123 µs", "789 µs"], part => Assert.Contains(part, text, StringComparison.Ordinal)));
    }

    [Fact]
    public void Nothing_is_said_of_it_where_it_was_not_measured() =>
        Assert.All(ReportForms.All(SampleRun.Reproduced()), text => Assert.DoesNotContain(Said, text, StringComparison.Ordinal));

    private static RunResult Sealed()
    {
        RunResult run = SampleRun.Reproduced();
        return run with { Trials = [.. run.Trials.Select(Sealed)] };
    }

    private static Trial Sealed(Trial trial) => trial with
    {
        Latency = trial.Latency with
        {
            SealedPublish = trial.Latency.Publish! with { P50Micros = 123, P99Micros = 456 },
            SealedEndToEnd = trial.Latency.EndToEnd! with { P50Micros = 789 },
        },
    };
}
