using Results;

namespace Harness.Verdicts.Trials;

/// <summary>
/// Whether the generator, not the broker, set the pace of a trial. Of an open schedule it did when it missed it by itself, and of a saturating
/// load when it ran at 80 % or more of what it
/// carries with nothing behind it (null sink, null source), or when its in-flight window was not full for over 20 % of the
/// time while the broker's threads were idle. Such a trial is a lower bound of what the broker can do: it may pass an
/// expectation "at least", and can fail none.
/// </summary>
public static class GeneratorLimit
{
    public const double CeilingShareLimit = 0.8;
    public const double NotFullShareLimit = 0.2;
    private const double MicrosPerSecond = 1e6;

    /// <summary>
    /// A broker that uses less than this of one CPU waits most of the time. On a machine that is full it waits for a
    /// processor, and that is not idleness.
    /// </summary>
    public const double IdleBrokerCpuShare = 0.5;

    public static GeneratorLimits Judge(TrialEvidence evidence)
    {
        ArgumentNullException.ThrowIfNull(evidence);
        double? sink = Share(evidence.SentPerSecond, evidence.NullSinkPerSecond);
        double? source = Share(evidence.ConsumedPerSecond, evidence.NullSourcePerSecond);
        string? reason = Reason(evidence, sink, source);
        return new GeneratorLimits
        {
            InFlightFullShare = evidence.InFlightFullShare,
            NullSinkShare = sink,
            NullSourceShare = source,
            GeneratorLimited = reason is not null,
            Reason = reason,
        };
    }

    private static string? Reason(TrialEvidence evidence, double? sink, double? source)
    {
        if (evidence.Schedule is { Held: false } missed)
        {
            return $"it missed its own schedule: {Figures.Duration(missed.LateP99Micros / MicrosPerSecond)} late at the 99th percentile";
        }

        if (!evidence.Saturates)
        {
            return null;
        }

        if (sink >= CeilingShareLimit)
        {
            return $"the producers ran at {Figures.Share(sink.Value)} of what they send into a null sink";
        }

        if (source >= CeilingShareLimit)
        {
            return $"the consumers ran at {Figures.Share(source.Value)} of what they take from a null source";
        }

        bool windowOpen = 1 - evidence.InFlightFullShare > NotFullShareLimit;
        bool brokerIdle = evidence.BrokerCpuShare < IdleBrokerCpuShare && !evidence.MachineFull;
        return windowOpen && brokerIdle
            ? $"the in-flight window was not full for {Figures.Share(1 - evidence.InFlightFullShare)} of the time while the broker used "
                + $"{Figures.Cpus(evidence.BrokerCpuShare)} CPU"
            : null;
    }

    private static double? Share(double rate, double? ceiling) => ceiling > 0 ? rate / ceiling : null;
}
