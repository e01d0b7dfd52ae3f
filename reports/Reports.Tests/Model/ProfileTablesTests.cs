using Reports.Html;
using Reports.Markdown;
using Results;
using Results.Samples;

namespace Reports.Model;

public sealed class ProfileTablesTests
{
    private static readonly RunResult Profiled = SampleRun.Reproduced() with { Profiles = [SampleProfile.Of("engine"), SampleProfile.None("kafka", "profile: because")] };

    [Fact]
    public void Each_variant_has_a_row_with_the_kinds_of_code_as_columns()
    {
        ReportTable table = RunReport.Of(Profiled).ProfileShares;
        Assert.Equal(["kernel copying", "kernel other", "CRC", "own code", "runtime", "user code"], table.Columns.Skip(3).Select(column => column.Header));
        Assert.Equal(["engine 100 100 % 60 % 25 % 12 % 3.0 % – –", "kafka 0 – – – – – – –"], table.Rows.Select(row => string.Join(' ', row.Select(cell => cell.Text))));
    }

    [Fact]
    public void What_has_no_name_is_shown_where_there_is_any()
    {
        CpuProfile hidden = SampleProfile.Of("engine") with { Categories = [new(CpuCategory.KernelUnnamed, 75), new(CpuCategory.Unknown, 25)] };
        ReportTable table = RunReport.Of(Profiled with { Profiles = [hidden] }).ProfileShares;
        Assert.Equal(
            ["kernel copying –", "kernel other –", "kernel, no names 75 %", "CRC –", "own code –", "runtime –", "user code –", "unknown 25 %"],
            table.Columns.Zip(table.Rows[0], (column, cell) => $"{column.Header} {cell.Text}").Skip(3));
    }

    [Fact]
    public void Functions_stand_with_their_kinds_and_shares() => Assert.Equal(
        ["engine rep_movs_alternative kernel copying 60 60 %", "engine vfs_write kernel other 25 25 %", "engine Engine.Wire.Crc32C.ThreeLanes CRC 12 12 %", "engine Engine.Server.EventLoop.Run own code 3 3.0 %"],
        RunReport.Of(Profiled).ProfileSymbols.Rows.Select(row => string.Join(' ', row.Select(cell => cell.Text))));

    [Fact]
    public void Every_report_shows_them_and_that_sampling_costs_and_what_could_not_be_sampled()
    {
        foreach (string report in (string[])[HtmlReport.Render(Profiled), MarkdownReport.Write(Profiled), string.Join('\n', Terminal.TerminalReport.Render(Profiled, 160))])
        {
            string text = System.Net.WebUtility.HtmlDecode(report);
            Assert.Contains("Where the broker's CPU went", text, StringComparison.Ordinal);
            Assert.Contains("rep\\_movs\\_alternative", text.Replace("rep_movs", "rep\\_movs", StringComparison.Ordinal).Replace("movs_alt", "movs\\_alt", StringComparison.Ordinal), StringComparison.Ordinal);
            Assert.Contains("Not measurable here: profile: because", text, StringComparison.Ordinal);
            Assert.Contains("499 times a second of their CPU time, which costs them a little", text, StringComparison.Ordinal);
        }

        string[] links = [.. ParsedPage.Parse(HtmlReport.Render(Profiled)).All("a").Select(link => link.Attribute("href")!.Value)];
        Assert.Contains("profile-engine.svg", links);
        Assert.Contains("profile-engine.folded", links);
    }

    [Fact]
    public void A_run_that_was_not_sampled_says_nothing_of_it()
    {
        foreach (string report in (string[])[HtmlReport.Render(SampleRun.Reproduced()), MarkdownReport.Write(SampleRun.Reproduced()), string.Join('\n', Terminal.TerminalReport.Render(SampleRun.Reproduced(), 160))])
        {
            Assert.DoesNotContain("CPU went", report, StringComparison.Ordinal);
            Assert.DoesNotContain("Profiled", report, StringComparison.Ordinal);
        }
    }
}
