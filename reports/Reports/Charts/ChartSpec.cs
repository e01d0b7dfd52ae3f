using Reports.Formatting;

namespace Reports.Charts;

/// <summary>
/// What a line chart shows, and nothing of how: no pixels, no colours. <see cref="SvgChart"/> draws it; another renderer could.
/// </summary>
public sealed record ChartSpec
{
    /// <summary>Unique within a page, of letters, digits and dashes: elements of the picture are named after it.</summary>
    public required string Id { get; init; }

    public required string Title { get; init; }

    /// <summary>What can be seen in it, in words, for those who do not see it.</summary>
    public required string Description { get; init; }

    public required ChartAxis X { get; init; }
    public required ChartAxis Y { get; init; }

    /// <summary>In the order of the legend; each gets a colour and a dash pattern by its place.</summary>
    public required IReadOnlyList<ChartSeries> Series { get; init; }

    public IReadOnlyList<ChartBand> Bands { get; init; } = [];
    public IReadOnlyList<ChartReference> References { get; init; } = [];
}

/// <param name="IncludeMin">The axis reaches at least down to this, whatever the data.</param>
/// <param name="IncludeMax">The axis reaches at least up to this, whatever the data.</param>
public sealed record ChartAxis(string Title, AxisScale Scale, Quantity Unit, double? IncludeMin = null, double? IncludeMax = null);

public enum AxisScale
{
    Linear,

    /// <summary>Base 10. What is not above zero is drawn at the lower edge.</summary>
    Log,

    /// <summary>Percentiles from 0 to below 100, spread so that each further nine takes the same width: 0, 90, 99, 99.9 …</summary>
    Nines,
}

public sealed record ChartSeries(string Name, IReadOnlyList<ChartPoint> Points);

/// <summary>A point of a series. What is not a finite number is refused here: a gap in a picture must be made, not happen.</summary>
public readonly record struct ChartPoint
{
    public ChartPoint(double x, double y)
    {
        if (!double.IsFinite(x)) throw new ArgumentOutOfRangeException(nameof(x), x, "a chart takes finite numbers only");
        if (!double.IsFinite(y)) throw new ArgumentOutOfRangeException(nameof(y), y, "a chart takes finite numbers only");
        X = x;
        Y = y;
    }

    public double X { get; }
    public double Y { get; }
}

/// <summary>A shaded stretch of the x axis, with its name at its top.</summary>
public sealed record ChartBand(string Name, double From, double To);

/// <summary>A horizontal line, named in the legend: a claim, a limit.</summary>
public sealed record ChartReference(string Name, double Y);
