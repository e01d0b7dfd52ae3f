using Reports.Html;
using Reports.Markdown;
using Reports.Terminal;
using Results;
using Results.Samples;

namespace Reports.Model;

public sealed class RunsSummaryTests
{
    [Fact]
    public void Every_verdict_of_every_run_has_a_row_with_figure_and_goal()
    {
        RunsSummary summary = RunsSummary.Of(Runs());
        Assert.Equal(
            [
                ["first", "engine", "21.4 M msg/s", "consume.rate >= 20M/s", "passed"],
                ["first", "engine", "3.100x", "produce.rate >= 4x kafka", "failed"],
                ["second", "engine", "–", "e2e.p99 < 10ms", "inconclusive"],
            ],
            summary.Table.Rows.Select(row => row.Select(cell => cell.Text)));
        Assert.Equal([CellMark.Good, CellMark.Bad, CellMark.Muted], summary.Table.Rows.Select(row => row[^1].Mark));
        Assert.Equal("1 passed, 1 failed, 1 inconclusive", summary.Counts);
        Assert.Equal(["second: inconclusive (engine): the generator limited 2 of 3 trials"], summary.Reasons);
    }

    [Fact]
    public void The_same_goal_of_two_variants_is_told_apart_in_the_first_column()
    {
        Verdict goal = Verdict("produce.rate >= 0.9x one", VerdictKind.Passed, "0.950x");
        RunsSummary summary = RunsSummary.Of([Named("many", goal with { Variant = "partitions" }, goal with { Variant = "connections" })]);
        Assert.Equal(["many, partitions", "many, connections"], summary.Table.Rows.Select(row => row[0].Text));
    }

    [Fact]
    public void A_run_that_failed_is_a_row_with_its_cause()
    {
        RunResult failed = Named("broken") with { Outcome = new RunOutcome(RunStatus.Failed, ExitCodes.Environment, "no broker") };
        RunsSummary summary = RunsSummary.Of([.. Runs(), failed]);
        Assert.Equal(["broken", "–", "–", "–", "failed"], summary.Table.Rows[^1].Select(cell => cell.Text));
        Assert.Equal("broken: no broker", summary.Reasons[^1]);
    }

    [Theory]
    [InlineData(20)]
    [InlineData(60)]
    [InlineData(120)]
    public void On_a_terminal_no_line_is_too_wide(int width)
    {
        IReadOnlyList<string> lines = TerminalReport.Render(RunsSummary.Of(Runs()), width);
        Assert.All(lines, line => Assert.True(line.Length <= width, line));
        Assert.Contains(lines, line => line.Contains("3.100x", StringComparison.Ordinal));
    }

    [Fact]
    public void Markdown_and_page_hold_the_same_rows()
    {
        RunsSummary summary = RunsSummary.Of(Runs());
        string markdown = MarkdownReport.Write(summary);
        Assert.Contains("| first | engine | 3.100x |", markdown, StringComparison.Ordinal);
        Assert.Contains("**1 passed, 1 failed, 1 inconclusive**", markdown, StringComparison.Ordinal);
        string page = HtmlReport.Render(summary);
        Assert.StartsWith("<!DOCTYPE html>", page, StringComparison.Ordinal);
        Assert.Contains("3.100x", page, StringComparison.Ordinal);
        Assert.DoesNotContain("<script", page, StringComparison.Ordinal);
    }

    private static RunResult[] Runs() =>
    [
        Named("first", Verdict("consume.rate >= 20M/s", VerdictKind.Passed, "21.4 M msg/s"), Verdict("produce.rate >= 4x kafka", VerdictKind.Failed, "3.100x")),
        Named("second", Verdict("e2e.p99 < 10ms", VerdictKind.Inconclusive, null)),
    ];

    private static RunResult Named(string name, params Verdict[] verdicts) => SampleRun.Reproduced() with { Name = name, Verdicts = verdicts };

    private static Verdict Verdict(string id, VerdictKind kind, string? figure) => new()
    {
        Id = id,
        Target = "engine",
        Kind = kind,
        Figure = figure,
        Sentence = "inconclusive (engine): the generator limited 2 of 3 trials",
        Evidence = [],
    };
}
