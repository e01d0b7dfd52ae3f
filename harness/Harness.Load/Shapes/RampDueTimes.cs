namespace Harness.Load;

/// <summary>
/// A rate that changes linearly over the phase. In a time t from the beginning r₀t + at²/2 messages are due, with a the change a second; so message
/// g is due at 2g / (r₀ + √(r₀² + 2ag)), the form of the root that loses no digits, whatever a is, and is g / r₀ where nothing changes.
/// A ramp that falls is counted from its end, where it would otherwise take a difference of two large numbers.
/// Computed for each message on its own: errors do not add up.
/// </summary>
internal sealed class RampDueTimes : DueTimes
{
    private const double NanosPerSecond = 1e9;

    private readonly double _startRate;
    private readonly double _endRate;
    private readonly long _lengthNanos;
    private readonly double _lengthSeconds;
    private readonly double _change;
    private readonly double _total;
    private readonly int _producers;
    private long _global;

    /// <param name="startRate">Messages a second of all producers together at the beginning.</param>
    /// <param name="endRate">The same at the end.</param>
    public RampDueTimes(double startRate, double endRate, long lengthNanos, int producer, int producers)
    {
        _startRate = startRate;
        _endRate = endRate;
        _lengthNanos = lengthNanos;
        _lengthSeconds = lengthNanos / NanosPerSecond;
        _change = (endRate - startRate) / _lengthSeconds;
        _total = (startRate + endRate) / 2 * _lengthSeconds;
        _producers = producers;
        _global = producer;
        NextNanos = Due(_global);
    }

    public override void MoveNext()
    {
        _global += _producers;
        NextNanos = Due(_global);
    }

    /// <summary>The phase's length for messages that are due only behind its end.</summary>
    private long Due(long message)
    {
        if (message >= _total)
        {
            return _lengthNanos;
        }

        double seconds = _change >= 0
            ? TimeOf(message, _startRate, _change)
            : _lengthSeconds - TimeOf(_total - message, _endRate, -_change);
        return Math.Clamp((long)(seconds * NanosPerSecond), 0, _lengthNanos);
    }

    /// <summary>How long it takes for so many messages at a rate that begins like this and does not fall.</summary>
    private static double TimeOf(double messages, double rate, double change) =>
        messages == 0 ? 0 : 2 * messages / (rate + Math.Sqrt((rate * rate) + (2 * change * messages)));
}
