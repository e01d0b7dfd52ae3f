namespace Harness.Load;

/// <summary>
/// A constant rate: message g is due at g / rate, rounded down to the nanosecond. Exactly, after any number of messages: the rate is taken as
/// the fraction that its double is, and the interval is added up with its remainder, in integers.
/// </summary>
internal sealed class EvenDueTimes : DueTimes
{
    public const double RateMin = 0.001;
    public const double RateMax = 1e9;

    private const ulong NanosPerSecond = 1_000_000_000;

    private readonly int _producer;
    private readonly int _producers;

    /// <summary>The interval of all producers together is this many nanoseconds over <see cref="_denominator"/>.</summary>
    private readonly UInt128 _numerator;
    private readonly ulong _denominator;
    private readonly long _stepNanos;
    private readonly ulong _stepRest;
    private ulong _rest;

    /// <param name="ratePerSecond">Of all producers together, <see cref="RateMin"/> to <see cref="RateMax"/>.</param>
    public EvenDueTimes(double ratePerSecond, int producer, int producers)
    {
        if (!(ratePerSecond is >= RateMin and <= RateMax))
        {
            throw new ArgumentOutOfRangeException(nameof(ratePerSecond), ratePerSecond, $"a rate is {RateMin} to {RateMax:0} messages a second");
        }

        _producer = producer;
        _producers = producers;
        (_numerator, _denominator) = Interval(ratePerSecond);
        UInt128 step = checked(_numerator * (uint)producers);
        _stepNanos = (long)(step / _denominator);
        _stepRest = (ulong)(step % _denominator);
        MoveTo(0);
    }

    public override void MoveNext()
    {
        NextNanos += _stepNanos;
        _rest += _stepRest;
        if (_rest >= _denominator)
        {
            _rest -= _denominator;
            NextNanos++;
        }
    }

    /// <summary>Goes to this producer's message of that number, from 0.</summary>
    public void MoveTo(long index)
    {
        UInt128 global = checked(((UInt128)(ulong)index * (uint)_producers) + (uint)_producer);
        UInt128 due = checked(global * _numerator);
        NextNanos = (long)(due / _denominator);
        _rest = (ulong)(due % _denominator);
    }

    /// <summary>10^9 / rate as the fraction it is: a double is an integer of 53 bits times a power of two.</summary>
    private static (UInt128 Numerator, ulong Denominator) Interval(double rate)
    {
        long bits = BitConverter.DoubleToInt64Bits(rate);
        int exponent = (int)((bits >> 52) & 0x7FF) - 1075;
        ulong mantissa = ((ulong)bits & 0xF_FFFF_FFFF_FFFF) | 0x10_0000_0000_0000;
        int zeros = System.Numerics.BitOperations.TrailingZeroCount(mantissa);
        mantissa >>= zeros;
        exponent += zeros;
        return exponent >= 0 ? (NanosPerSecond, mantissa << exponent) : ((UInt128)NanosPerSecond << -exponent, mantissa);
    }
}
