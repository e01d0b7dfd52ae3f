using Engine.Linux;
using Results;

namespace Harness.Measure;

/// <summary>What one reading of CLOCK_MONOTONIC costs: the price of a stamp.</summary>
public static class ClockProbe
{
    private const int ReadingsAtOnce = 1000;
    private const double NanosPerSecond = 1e9;

    public static ProbeSubject Subject { get; } = new("clock", ProbeGroups.Memory, "reading the monotonic clock", ProbeUnit.Nanoseconds);

    public static void Pass(ProbeBook book, double seconds, CancellationToken cancel)
    {
        ArgumentNullException.ThrowIfNull(book);
        double readings = TimedLoop.Rate(seconds, Read, cancel, out _);
        book.Add(Subject, NanosPerSecond / readings);
    }

    private static long Read()
    {
        for (int i = 0; i < ReadingsAtOnce; i++)
        {
            _ = MonotonicClock.Nanos();
        }

        return ReadingsAtOnce;
    }
}
