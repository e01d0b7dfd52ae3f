using Results;

namespace Harness.Load;

internal enum PhaseShape
{
    Saturate,
    KeepConstant,
    Inject,
    RampingInject,
    Pause,
}

/// <summary>One part of the load, in the generator's terms.</summary>
/// <param name="LengthNanos"><see cref="ForEver"/> for what goes on until it is stopped.</param>
/// <param name="RatePerSecond">Over all producers, at the end of a ramp; of open shapes.</param>
/// <param name="StartRatePerSecond">At the beginning of a ramp.</param>
/// <param name="Copies">Over all producers; of a closed loop of copies.</param>
internal sealed record LoadPhase(PhaseShape Shape, long LengthNanos, double RatePerSecond = 0, double StartRatePerSecond = 0, int Copies = 0)
{
    public const long ForEver = long.MaxValue;

    private const double NanosPerSecond = 1e9;
    private const double SecondsMax = 365 * 24 * 3600.0;

    public bool IsOpen => Shape is PhaseShape.Inject or PhaseShape.RampingInject;

    /// <summary>True for a loop that waits for the broker, whose messages have no intended time.</summary>
    public bool IsClosed => Shape is PhaseShape.Saturate or PhaseShape.KeepConstant;

    /// <summary>The shape of that length: for a warm-up, and for what goes on behind the last phase. A ramp keeps the rate of its end.</summary>
    public LoadPhase Steady(long lengthNanos) => Shape switch
    {
        PhaseShape.RampingInject when RatePerSecond == 0 => new LoadPhase(PhaseShape.Pause, lengthNanos),
        PhaseShape.RampingInject => new LoadPhase(PhaseShape.Inject, lengthNanos, RatePerSecond),
        _ => this with { LengthNanos = lengthNanos },
    };

    /// <exception cref="ArgumentException">The phase makes no sense; one line says why.</exception>
    public static LoadPhase From(LoadPhaseInfo info)
    {
        if (!(info.DuringSeconds is > 0 and <= SecondsMax))
        {
            throw new ArgumentException($"load: {info.Shape} during {info.DuringSeconds} s; a phase takes more than no time and at most a year");
        }

        long lengthNanos = Nanos(info.DuringSeconds);
        return info.Shape switch
        {
            "saturate" => new LoadPhase(PhaseShape.Saturate, lengthNanos),
            "keep_constant" => new LoadPhase(PhaseShape.KeepConstant, lengthNanos, Copies: CopiesOf(info)),
            "inject" => new LoadPhase(PhaseShape.Inject, lengthNanos, Rate(info, info.RatePerSecond, "rate")),
            "ramping_inject" => Ramp(info, lengthNanos),
            "pause" => new LoadPhase(PhaseShape.Pause, lengthNanos),
            _ => throw new ArgumentException(
                $"load: the load generator cannot do '{info.Shape}'; it can do saturate, keep_constant, inject, ramping_inject and pause"),
        };
    }

    public static long Nanos(double seconds) => (long)Math.Round(seconds * NanosPerSecond);

    private static LoadPhase Ramp(LoadPhaseInfo info, long lengthNanos)
    {
        double start = RampRate(info, info.StartRatePerSecond, "start rate");
        double end = RampRate(info, info.RatePerSecond, "rate");
        return start > 0 || end > 0
            ? new LoadPhase(PhaseShape.RampingInject, lengthNanos, end, start)
            : throw new ArgumentException("load: a ramp from nothing to nothing sends nothing; that is a pause");
    }

    /// <summary>An end of a ramp: a rate, or none.</summary>
    private static double RampRate(LoadPhaseInfo info, double? rate, string name) => rate == 0 ? 0 : Rate(info, rate, name);

    private static double Rate(LoadPhaseInfo info, double? rate, string name) =>
        rate is >= EvenDueTimes.RateMin and <= EvenDueTimes.RateMax
            ? rate.Value
            : throw new ArgumentException(
                $"load: the {name} of {info.Shape} is {(rate is null ? "missing" : $"{rate} a second")}; "
                + $"{EvenDueTimes.RateMin} to {EvenDueTimes.RateMax:0} messages a second are possible");

    private static int CopiesOf(LoadPhaseInfo info) => info.Copies is > 0
        ? info.Copies.Value
        : throw new ArgumentException($"load: keep_constant needs copies, at least one; there are {info.Copies?.ToString() ?? "none"}");
}
