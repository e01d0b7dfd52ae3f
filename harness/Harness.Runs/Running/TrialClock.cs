using Engine.Linux;

namespace Harness.Runs;

/// <summary>Seconds since the start of a trial, by the clock of all stamps.</summary>
internal sealed class TrialClock
{
    private const double NanosPerSecond = 1e9;
    private readonly long _startNanos = MonotonicClock.Nanos();

    public double Seconds => (MonotonicClock.Nanos() - _startNanos) / NanosPerSecond;
}
