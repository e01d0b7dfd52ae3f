using Results;
using Results.Samples;

namespace Reports.Model;

public sealed class TechniquesTableTests
{
    [Fact]
    public void Techniques_stand_together_with_what_is_left_without_them()
    {
        ReportTable table = TechniquesTable.Of(With(
            Case("batching", "30B", 0.07, 0.06, 0.08, TechniqueAnswer.Applies),
            Case("sendfile", "30B", 1.1, 1.05, 1.2, TechniqueAnswer.Costs),
            Case("batching", "1KiB", 0.97, 0.9, 1.1, TechniqueAnswer.Undecided),
            Case("sendfile", "1KiB", null, null, null, TechniqueAnswer.NoInterval)))!;
        Assert.Equal(
            [
                "batching|30B|0.070|0.060 to 0.080|applies",
                "batching|1KiB|0.970|0.900 to 1.100|undecided",
                "sendfile|30B|1.100|1.050 to 1.200|does not apply: costs",
                "sendfile|1KiB|–|–|no interval",
            ],
            table.Rows.Select(row => string.Join('|', row.Select(cell => cell.Text))));
    }

    [Fact]
    public void Every_report_has_the_table_where_a_verdict_speaks_of_techniques_and_none_elsewhere()
    {
        foreach ((RunResult run, bool expected) in ((RunResult, bool)[])[(With(Case("batching", "30B", 0.07, 0.06, 0.08, TechniqueAnswer.Applies)), true), (With(), false)])
        {
            Assert.All(ReportForms.All(run), report => Assert.Equal(expected, report.Contains(TechniquesTable.Title, StringComparison.Ordinal)));
        }
    }

    private static TechniqueCase Case(string technique, string where, double? ratio, double? low, double? high, TechniqueAnswer answer) =>
        new() { Technique = technique, Where = where, Ratio = ratio, Low = low, High = high, Answer = answer };

    private static RunResult With(params TechniqueCase[] cases)
    {
        RunResult run = SampleRun.Reproduced();
        return run with { Verdicts = [run.Verdicts[0] with { Techniques = cases.Length > 0 ? cases : null }] };
    }
}
