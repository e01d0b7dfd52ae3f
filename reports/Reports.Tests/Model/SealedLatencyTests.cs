using Reports.Html;
using Reports.Markdown;
using Reports.Terminal;
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
        Assert.All(Forms(Sealed()), text =>
        {
            Assert.Contains(Said, text, StringComparison.Ordinal);
            Assert.Contains("123 µs", text.Replace('\u00a0', ' '), StringComparison.Ordinal);
            Assert.Contains("789 µs", text.Replace('\u00a0', ' '), StringComparison.Ordinal);
        });
    }

    [Fact]
    public void Nothing_is_said_of_it_where_it_was_not_measured() =>
        Assert.All(Forms(SampleRun.Reproduced()), text => Assert.DoesNotContain(Said, text, StringComparison.Ordinal));

    private static string[] Forms(RunResult run) =>
        [ParsedPage.Parse(HtmlReport.Render(run)).Body(), MarkdownReport.Write(run), string.Join('\n', TerminalReport.Render(run, 132))];

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
