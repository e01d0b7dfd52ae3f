using Reports.Formatting;
using Results;

namespace Reports.Model;

/// <summary>What this machine and generator could carry at best, and the share of it that each target used.</summary>
internal static class CeilingsTable
{
    public static ReportTable Of(RunResult run)
    {
        string[] targets = [.. run.Trials.Select(t => t.Target).Distinct()];
        ReportColumn[] shares = [.. targets.Select(t => new ReportColumn(PlainText.OneLine(t), "Used by"))];
        return new ReportTable(
            [
                new("Ceiling", Numeric: false),
                new("on the wire", "Carries"),
                new("msg/s", "Carries"),
                new("from", "Passes", Drop: 1),
                new("to", "Passes", Drop: 1),
                new("CPU s/GB"),
                .. shares,
            ],
            [.. run.Ceilings.Select(c => (IReadOnlyList<ReportCell>)[.. Row(c), .. targets.Select(t => Share(run, c.Kind, t))])]);
    }

    private static ReportCell[] Row(Ceiling ceiling)
    {
        Spread? passes = Spread.Of(ceiling.PassesBytesPerSecond);
        return
        [
            new(Wording.Ceiling(ceiling.Kind)),
            new(Format.BytesPerSecond(ceiling.BytesPerSecond)),
            Cell(ceiling.MessagesPerSecond, Format.Si),
            Cell(passes?.Min, Format.BytesPerSecond),
            Cell(passes?.Max, Format.BytesPerSecond),
            Cell(ceiling.CpuSecondsPerGigabyte, Format.Cpus),
        ];
    }

    private static ReportCell Share(RunResult run, string kind, string target)
    {
        Trial[] trials = [.. run.Trials.Where(t => t.Target == target)];
        Spread? share = Spread.Of(trials.Select(t => kind switch
        {
            CeilingKinds.NullSink => t.GeneratorLimits.NullSinkShare,
            CeilingKinds.NullSource => t.GeneratorLimits.NullSourceShare,
            CeilingKinds.BarePipeline => t.BarePipelineShare,
            _ => null,
        }).OfType<double>());
        CellMark mark = trials.Any(t => t.Verification.Violated) ? CellMark.Void : CellMark.None;
        return share is null ? new ReportCell(Format.None, CellMark.Muted) : new ReportCell(Format.Percent(share.Median), mark);
    }

    private static ReportCell Cell(double? value, Func<double, string> format) =>
        value is { } known ? new ReportCell(format(known)) : new ReportCell(Format.None, CellMark.Muted);
}
