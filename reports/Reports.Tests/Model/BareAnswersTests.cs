using Results;
using Results.Samples;

namespace Reports.Model;

/// <summary>What a thread that only answers takes stands beside the latencies in every form of a report, where it was measured.</summary>
public sealed class BareAnswersTests
{
    /// <summary>What the pages and the terminal call it.</summary>
    private static readonly string[] Names = ["only receives and answers", "only answers"];

    [Fact]
    public void Each_trial_has_a_row_with_both_latencies_and_both_shares()
    {
        ReportTable table = RunReport.Of(Measured()).BareAnswers;
        Assert.Equal(Measured().Trials.Count, table.Rows.Count);
        Assert.Equal(["176 %", "234 %", "43 µs", "21 µs"], table.Rows[0].Select(cell => cell.Text).Where(text => text is "21 µs" or "43 µs" || text.EndsWith('%')));
    }

    [Fact]
    public void Pages_and_terminal_show_it() => Assert.All(
        ReportForms.All(Measured()), text => Assert.All(["21 µs", "176 %", "234 %"], figure => Assert.Contains(figure, text, StringComparison.Ordinal)));

    [Fact]
    public void The_page_says_what_it_is() => Assert.All(
        ReportForms.Pages(Measured()), text => Assert.Contains("only receives and answers", text, StringComparison.Ordinal));

    [Fact]
    public void Nothing_is_said_of_it_where_it_was_not_measured()
    {
        Assert.Empty(RunReport.Of(SampleRun.Reproduced()).BareAnswers.Rows);
        Assert.All(ReportForms.All(SampleRun.Reproduced()), text => Assert.All(Names, name => Assert.DoesNotContain(name, text, StringComparison.Ordinal)));
    }

    private static RunResult Measured()
    {
        RunResult run = SampleRun.Reproduced();
        return run with
        {
            Trials =
            [
                .. run.Trials.Select(trial => trial with
                {
                    BarePublish = trial.Latency.Publish! with { P50Micros = 43 },
                    PublishOfBare = 1.76,
                    BareSealedPublish = trial.Latency.Publish! with { P50Micros = 21 },
                    SealedPublishOfBare = 2.34,
                }),
            ],
        };
    }
}
