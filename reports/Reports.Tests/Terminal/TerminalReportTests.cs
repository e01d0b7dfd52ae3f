using Reports.Html;
using Reports.Model;
using Results;
using Results.Samples;

namespace Reports.Terminal;

public sealed class TerminalReportTests
{
    public static TheoryData<string, int> Widths()
    {
        TheoryData<string, int> data = [];
        foreach (string sample in SamplePagesTests.SamplesByName.Keys)
        {
            foreach (int width in (int[])[1, 20, 40, 60, 80, 132]) data.Add(sample, width);
        }

        return data;
    }

    [Theory]
    [MemberData(nameof(Widths))]
    public void No_line_is_wider_than_the_terminal(string sample, int width)
    {
        IReadOnlyList<string> lines = TerminalReport.Render(SamplePagesTests.SamplesByName[sample](), width);

        Assert.All(lines, line => Assert.True(line.Length <= Math.Max(20, width), $"{line.Length}: {line}"));
        Assert.All(lines, line => Assert.DoesNotContain(line, char.IsControl));
        Assert.All(lines, line => Assert.Equal(line.TrimEnd(), line));
    }

    [Fact]
    public void At_eighty_columns_trials_stand_in_aligned_columns()
    {
        IReadOnlyList<string> lines = TerminalReport.Render(SampleRun.TwoTargets(), 80);

        string[] throughput = [.. lines.SkipWhile(l => !l.StartsWith("Throughput", StringComparison.Ordinal)).Skip(1).Take(6)];
        Assert.Equal(
            [
                "               ──── msg/s ─────  ── per second ───  ───── CPUs ──────",
                "Trial  Target    sent  consumed    values  of bare  broker  generator  Verified",
                "    1  engine  20.7 M    20.7 M  621 MB/s     53 %    0.61       1.31  yes",
                "    2  kafka   3.86 M    3.86 M  116 MB/s    9.9 %    0.61       1.31  yes",
                "    3  kafka   3.76 M    3.76 M  113 MB/s    9.6 %    0.61       1.31  yes",
                "    4  engine  21.0 M    21.0 M  630 MB/s     54 %    0.61       1.31  yes",
            ],
            throughput);
        string[] latency = [.. lines.SkipWhile(l => !l.StartsWith("Latency", StringComparison.Ordinal)).Skip(1).Take(3)];
        Assert.Equal("Trial  Target     p50      p99    p99.9      p50      p99    p99.9", latency[1]);
        Assert.Equal("    1  engine  850 µs  2.28 ms  3.18 ms  1.35 ms  3.62 ms  5.05 ms", latency[2]);
    }

    [Fact]
    public void Verdict_ceilings_conditions_and_storage_are_all_there()
    {
        string text = string.Join(' ', TerminalReport.Render(SampleRun.QuickNotReproduced(), 80).Select(l => l.Trim()));

        Assert.Contains("QUICK: The short form", text, StringComparison.Ordinal);
        Assert.Contains("NOT REPRODUCED: C1 on engine", text, StringComparison.Ordinal);
        Assert.Contains("Bare pipeline 1.49 GB/s 39.2 M 0.950 0.520", ParsedPage.Fold(text), StringComparison.Ordinal);
        Assert.Contains("Linger 5 ms", ParsedPage.Fold(text), StringComparison.Ordinal);
        Assert.Contains("1.3 % of 23.8 GB accepted reached the device.", text, StringComparison.Ordinal);
        Assert.Contains("Again: ./run-bench.sh run scenarios/claims/kafka-20m.yaml", text, StringComparison.Ordinal);
    }

    [Fact]
    public void Void_figures_stand_in_brackets_and_violations_are_told()
    {
        string text = string.Join('\n', TerminalReport.Render(SampleRun.Invalid(), 80));

        Assert.Contains("(20.7 M)", text, StringComparison.Ordinal);
        Assert.Contains("Figures in brackets are void.", text, StringComparison.Ordinal);
        Assert.Contains("VOID: Verification failed", text, StringComparison.Ordinal);
        string folded = ParsedPage.Fold(text);
        Assert.Contains("trial 1, damaged: partition 0, offset 12345678, producer 1, sequence 12345677, messages 1: byte 23 of 30 is 0x5b", folded, StringComparison.Ordinal);
        Assert.Contains("1 engine (20.7 M) (20.7 M) (621 MB/s) (0.61) (1.31) violated", folded, StringComparison.Ordinal);
        Assert.Contains("1 engine 714,824,237 0 2 1 0 1 violated", folded, StringComparison.Ordinal);
    }

    [Fact]
    public void Escape_sequences_of_a_document_do_not_reach_the_terminal()
    {
        RunResult run = SampleRun.Interrupted() with { Title = "\u001b[2J\u0007title\n\n", Notes = ["a\u001b]0;owned\u0007b"], Command = "x\r\u001b[1A" };
        Assert.All(TerminalReport.Render(run, 80), line => Assert.DoesNotContain(line, char.IsControl));
    }

    [Fact]
    public void A_table_wider_than_the_line_drops_what_is_optional_first()
    {
        ReportTable table = new([new("a"), new("bbbb", Drop: 1), new("c")], [[new("1"), new("2"), new("3")]]);

        Assert.Equal(["a  bbbb  c", "1     2  3"], TextTable.Render(table, 10));
        Assert.Equal(["a  c", "1  3"], TextTable.Render(table, 9));
        Assert.Equal(["a", "1,", "bbb", "b", "2,", "c 3"], TextTable.Render(table, 3));
        Assert.Empty(TextTable.Render(table with { Rows = [] }, 80));
    }
}
