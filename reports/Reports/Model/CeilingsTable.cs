using Reports.Formatting;
using Results;

namespace Reports.Model;

/// <summary>What this machine and generator could carry at best, and the share of it that each variant used.</summary>
internal static class CeilingsTable
{
    /// <summary>Of more variants the one that came nearest is told.</summary>
    private const int VariantsLimit = 4;

    public static ReportTable Of(RunResult run)
    {
        Trial[][] variants = [.. VariantNaming.Measured(run).Select(v => (Trial[])[.. RunVariants.TrialsOf(run, v)])];
        bool each = variants.Length <= VariantsLimit;
        ReportColumn[] shares = each ? [.. variants.Select(v => new ReportColumn(VariantNaming.Of(v[0]), "Used by"))] : [new("at most", "Used")];
        return new ReportTable(
            [
                new("Ceiling", Numeric: false),
                new("on the wire", "Carries"),
                new("msg/s", "Carries"),
                new("from", "Passes", Drop: 1),
                new("to", "Passes", Drop: 1),
                new("in all", "CPU s/GB"),
                new("broker", "CPU s/GB"),
                .. shares,
            ],
            [.. run.Ceilings.Select(c => (IReadOnlyList<ReportCell>)[.. Row(c), .. each ? variants.Select(v => Share([v], c.Kind)) : [Share(variants, c.Kind)]])]);
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
            Cell(ceiling.CpuSecondsPerGigabyte, Format.Cost),
            Cell(ceiling.BrokerCpuSecondsPerGigabyte, Format.Cost),
        ];
    }

    /// <summary>The largest share that one of the variants used, each by its median.</summary>
    private static ReportCell Share(IReadOnlyList<Trial[]> variants, string kind)
    {
        double[] shares = [.. variants.Select(v => Spread.Of(v.Select(t => Used(t, kind)).OfType<double>())?.Median).OfType<double>()];
        CellMark mark = variants.Any(v => v.Any(t => t.Verification.Violated)) ? CellMark.Void : CellMark.None;
        return shares.Length == 0 ? new ReportCell(Format.None, CellMark.Muted) : new ReportCell(Format.Percent(shares.Max()), mark);
    }

    private static double? Used(Trial trial, string kind) => kind switch
    {
        CeilingKinds.NullSink => trial.GeneratorLimits.NullSinkShare,
        CeilingKinds.NullSource => trial.GeneratorLimits.NullSourceShare,
        CeilingKinds.BarePipeline => trial.BarePipelineShare,
        CeilingKinds.CheckedPipeline => trial.CheckedPipelineShare,
        CeilingKinds.SocketToPageCache or CeilingKinds.PageCacheToSocket => kind == trial.StageKind ? trial.StageShare : null,
        _ => null,
    };

    private static ReportCell Cell(double? value, Func<double, string> format) =>
        value is { } known ? new ReportCell(format(known)) : new ReportCell(Format.None, CellMark.Muted);
}
