using System.Text.RegularExpressions;
using Reports.Html;
using Reports.Model;
using Results.Samples;

namespace Reports.Markdown;

public sealed partial class MarkdownReportTests
{
    private static readonly string[] InOrder =
    [
        "## What sendfile is worth", "**FAILED: consume.rate", "### Side by side", "| consumed, msg/s | 20.7 M | 19.0 M | 0.912 (0.903 to 0.921) |",
        "<summary>28 trials</summary>",
    ];

    public static TheoryData<string> Samples() => [.. SamplePagesTests.SamplesByName.Keys];

    [Theory]
    [MemberData(nameof(Samples))]
    public void Every_row_of_a_table_has_as_many_cells_as_its_header(string sample)
    {
        string[] lines = MarkdownReport.Write(SamplePagesTests.SamplesByName[sample]()).Split('\n');
        int cells = 0;
        foreach (string line in lines)
        {
            int now = line.StartsWith('|') ? Pipe().Count(line) : 0;
            if (cells > 0 && now > 0) Assert.Equal(cells, now);
            cells = now;
        }

        Assert.All(lines, line => Assert.DoesNotContain(line, char.IsControl));
        Assert.Equal(lines.Count(l => l.Contains("<details>", StringComparison.Ordinal)), lines.Count(l => l == "</details>"));
    }

    [Fact]
    public void The_verdict_comes_first_and_the_variants_before_their_trials()
    {
        string text = MarkdownReport.Write(SampleVariants.SevenBlocks());
        int[] order = [.. InOrder.Select(s => text.IndexOf(s, StringComparison.Ordinal))];
        Assert.DoesNotContain(-1, order);
        Assert.Equal(order.Order(), order);
        Assert.True(text.Length < 65_536, "GitHub takes no longer comment");
    }

    [Fact]
    public void A_matrix_has_its_table_and_folds_its_points()
    {
        string text = MarkdownReport.Write(SampleVariants.Matrix());
        Assert.Contains("### Over the points", text, StringComparison.Ordinal);
        Assert.Contains("<details><summary>message.size 100B</summary>", text, StringComparison.Ordinal);
    }

    [Fact]
    public void Figures_that_do_not_stand_are_struck_out() =>
        Assert.Contains("| ~~20.7 M~~ | ~~621 MB/s~~ |", MarkdownReport.Write(SampleRun.Invalid()), StringComparison.Ordinal);

    [Theory]
    [InlineData("a|b", @"a\|b")]
    [InlineData("two\nlines\u001b[31m", @"two lines \[31m")]
    [InlineData("<img src=x>", @"\<img src=x\>")]
    [InlineData("*a* _b_ `c` ~d~", @"\*a\* \_b\_ \`c\` \~d\~")]
    [InlineData("[x](http://y) &amp;", @"\[x\](http://y) &amp;amp;")]
    [InlineData(@"back\|slash", @"back\\\|slash")]
    [InlineData("# no heading", @"\# no heading")]
    [InlineData("@everyone", "@\u200beveryone")]
    public void Text_of_a_document_stays_text(string text, string expected) => Assert.Equal(expected, MarkdownText.Escape(text));

    [Fact]
    public void A_command_keeps_its_back_quotes_inside_a_longer_fence() =>
        Assert.Equal(["````", "run ```x``` y", "````"], MarkdownText.Code("run ```x```\ny"));

    [Fact]
    public void A_table_names_the_group_of_each_column()
    {
        ReportTable table = new([new("who", Numeric: false), new("p99", "end to end")], [[new("a|b"), new("1", CellMark.Bad)]]);
        Assert.Equal(["| who | end to end p99 |", "| --- | ---: |", @"| a\|b | **1** |"], MarkdownTable.Render(table));
    }

    [GeneratedRegex(@"(?<!\\)(\\\\)*\|")]
    private static partial Regex Pipe();
}
