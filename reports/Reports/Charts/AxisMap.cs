using System.Globalization;
using Reports.Formatting;

namespace Reports.Charts;

/// <summary>One axis fitted to its data: where a value lies between 0 and 1, and which ticks it carries.</summary>
internal sealed class AxisMap
{
    /// <summary>Two pixels of drawing precision on the widest chart; more nines than a count of 10^15 can have.</summary>
    private const double NinesMax = 15;

    private readonly AxisScale _scale;
    private readonly double _low;
    private readonly double _high;

    private AxisMap(AxisScale scale, double low, double high, IReadOnlyList<AxisTick> ticks)
    {
        _scale = scale;
        _low = low;
        _high = high;
        Ticks = ticks;
    }

    public IReadOnlyList<AxisTick> Ticks { get; }

    /// <param name="tickCount">About how many ticks there is room for.</param>
    public static AxisMap Fit(ChartAxis axis, IEnumerable<double> values, int tickCount)
    {
        double[] all = [.. values, .. new[] { axis.IncludeMin, axis.IncludeMax }.OfType<double>()];
        return axis.Scale switch
        {
            AxisScale.Linear => FitLinear(axis, all, tickCount),
            AxisScale.Log => FitLog(axis, [.. all.Where(v => v > 0)]),
            AxisScale.Nines => FitNines(all),
            _ => throw new ArgumentOutOfRangeException(nameof(axis), axis.Scale, null),
        };
    }

    /// <summary>0 at the lower end, 1 at the upper; what lies outside is drawn at the edge.</summary>
    public double Position(double value) => Math.Clamp((Transform(_scale, value, _low) - _low) / (_high - _low), 0, 1);

    private static double Transform(AxisScale scale, double value, double lowest) => scale switch
    {
        AxisScale.Log => value > 0 ? Math.Log10(value) : lowest,
        AxisScale.Nines => Nines(value),
        _ => value,
    };

    private static double Nines(double percentile) => percentile >= 100 ? NinesMax : Math.Min(NinesMax, -Math.Log10(1 - (Math.Max(0, percentile) / 100)));

    private static AxisMap FitLinear(ChartAxis axis, double[] values, int tickCount)
    {
        double low = values.Length == 0 ? 0 : values.Min();
        double high = values.Length == 0 ? 1 : values.Max();
        if (high <= low) high = low + (low == 0 ? 1 : Math.Abs(low));
        double step = NiceStep((high - low) / Math.Max(1, tickCount));
        // The y axis ends on a tick; the x axis ends with its data, or the picture would have an empty margin.
        double from = axis.IncludeMin is null ? Math.Floor((low / step) + 1e-9) * step : low;
        double to = axis.IncludeMax is null ? Math.Ceiling((high / step) - 1e-9) * step : high;
        List<AxisTick> ticks = [];
        for (long i = (long)Math.Ceiling((from / step) - 1e-9); i * step <= to + (step * 1e-9); i++)
            ticks.Add(new AxisTick(i * step, Format.Tick(i * step, axis.Unit), Major: true));
        return new AxisMap(AxisScale.Linear, from, to, ticks);
    }

    /// <summary>1, 2, 2.5 or 5 times a power of ten, at least <paramref name="raw"/>.</summary>
    private static double NiceStep(double raw)
    {
        double power = Math.Pow(10, Math.Floor(Math.Log10(raw)));
        foreach (double factor in (double[])[1, 2, 2.5, 5])
        {
            if (factor * power >= raw * (1 - 1e-9)) return factor * power;
        }

        return 10 * power;
    }

    private static AxisMap FitLog(ChartAxis axis, double[] positive)
    {
        double low = LogFloor(positive.Length == 0 ? 1 : positive.Min());
        double high = LogCeiling(positive.Length == 0 ? 10 : positive.Max());
        if (high <= low) high = low * 10;
        int firstDecade = (int)Math.Floor(Math.Log10(low) + 1e-9);
        int lastDecade = (int)Math.Ceiling(Math.Log10(high) - 1e-9);
        bool labelAll = Math.Log10(high / low) <= 2.5;
        List<AxisTick> ticks = [];
        for (int decade = firstDecade; decade <= lastDecade; decade++)
        {
            foreach (int factor in (int[])[1, 2, 5])
            {
                double value = factor * Math.Pow(10, decade);
                if (value < low * (1 - 1e-9) || value > high * (1 + 1e-9)) continue;
                bool major = factor == 1 || labelAll;
                ticks.Add(new AxisTick(value, major ? Format.Tick(value, axis.Unit) : "", major));
            }
        }

        return new AxisMap(AxisScale.Log, Math.Log10(low), Math.Log10(high), ticks);
    }

    private static double LogFloor(double value)
    {
        double power = Math.Pow(10, Math.Floor(Math.Log10(value)));
        return value >= 5 * power ? 5 * power : value >= 2 * power ? 2 * power : power;
    }

    private static double LogCeiling(double value)
    {
        double power = Math.Pow(10, Math.Floor(Math.Log10(value)));
        return value <= power ? power : value <= 2 * power ? 2 * power : value <= 5 * power ? 5 * power : 10 * power;
    }

    private static AxisMap FitNines(double[] percentiles)
    {
        double high = Math.Max(1, percentiles.Select(Nines).DefaultIfEmpty(1).Max());
        List<AxisTick> ticks = [new(0, "0", true), new(50, "50", true)];
        for (int nines = 1; nines <= high + 1e-9; nines++)
        {
            string label = nines switch { 1 => "90", 2 => "99", _ => "99." + new string('9', nines - 2) };
            ticks.Add(new AxisTick(double.Parse(label, CultureInfo.InvariantCulture), label, true));
        }

        return new AxisMap(AxisScale.Nines, 0, high, ticks);
    }
}

/// <param name="Major">Carries a label.</param>
internal readonly record struct AxisTick(double Value, string Label, bool Major);
