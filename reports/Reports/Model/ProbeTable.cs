using System.Globalization;
using Reports.Formatting;
using Results;

namespace Reports.Model;

/// <summary>What a machine carries, a row a figure, and how it was measured.</summary>
internal static class ProbeTable
{
    public static ReportTable Of(RunResult run)
    {
        bool some = run.Probe?.Figures.Any(f => f.NotMeasurable is not null) ?? false;
        return new ReportTable(
            [
                new("What", Numeric: false),
                new("Block"),
                new("Median"),
                new("from", "Passes", Drop: 3),
                new("to", "Passes", Drop: 3),
                new("all", "CPU s/GB", Drop: 1),
                new("serving", "CPU s/GB", Drop: 2),
                .. some ? [new ReportColumn("Not measurable here", Numeric: false)] : (ReportColumn[])[],
            ],
            [.. (run.Probe?.Figures ?? []).Select(f => (IReadOnlyList<ReportCell>)[.. Row(f), .. some ? [Cell(f.NotMeasurable)] : (ReportCell[])[]])]);
    }

    public static IReadOnlyList<Fact> Conditions(ProbeInfo probe) =>
    [
        new("Measured", $"{Format.Time(probe.MeasuredUtc)}, in {Format.Seconds(probe.Seconds)}{(probe.Cached ? "; not measured again for this report" : "")}"),
        new("Version of the probe", probe.Version.ToString(CultureInfo.InvariantCulture)),
        .. probe.Conditions.Select((text, i) => new Fact(i == 0 ? "How" : "", text)),
    ];

    private static ReportCell[] Row(ProbeFigure figure)
    {
        Func<double, string> format = figure.Unit switch
        {
            ProbeUnit.BytesPerSecond => Format.BytesPerSecond,
            ProbeUnit.RecordsPerSecond => value => Format.Si(value) + " rec/s",
            ProbeUnit.Nanoseconds => Nanoseconds,
            _ => throw new ArgumentOutOfRangeException(nameof(figure), figure.Unit, null),
        };
        Spread? passes = Spread.Of(figure.Passes);
        return
        [
            new(PlainText.OneLine(figure.Name)),
            Cell(figure.BlockBytes is { } block ? Format.Size(block) : null),
            Cell(figure.Median is { } median ? format(median) : null),
            Cell(passes is { } low ? format(low.Min) : null),
            Cell(passes is { } high ? format(high.Max) : null),
            Cell(figure.CpuSecondsPerGigabyte is { } cpu ? Format.Cost(cpu) : null),
            Cell(figure.ServingCpuSecondsPerGigabyte is { } serving ? Format.Cost(serving) : null),
        ];
    }

    /// <summary>Below a microsecond in nanoseconds, which latencies of messages never are.</summary>
    private static string Nanoseconds(double nanos) =>
        nanos < 1000 ? nanos.ToString("0.0", CultureInfo.InvariantCulture) + " ns" : Format.Micros(nanos / 1000);

    private static ReportCell Cell(string? text) => text is null ? new ReportCell(Format.None, CellMark.Muted) : new ReportCell(PlainText.OneLine(text));
}
