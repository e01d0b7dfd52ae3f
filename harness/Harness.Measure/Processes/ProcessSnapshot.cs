using Results;

namespace Harness.Measure;

/// <summary>
/// What a process had used from its start to a moment. Two of them from the same <see cref="ProcessSampler"/> make a window.
/// </summary>
public sealed record ProcessSnapshot
{
    private const double NanosPerSecond = 1e9;

    /// <summary>CLOCK_MONOTONIC when it was taken.</summary>
    public required long AtNanos { get; init; }

    /// <summary>CPU time of all threads, ended ones included.</summary>
    public required long CpuNanos { get; init; }

    /// <summary>
    /// Ticks of the kernel's sampled accounting. They only say how <see cref="CpuNanos"/> divides between user and system: on
    /// their own they are too coarse for short windows.
    /// </summary>
    public required long UserTicks { get; init; }
    public required long SystemTicks { get; init; }

    public required long AnonymousBytes { get; init; }
    public required long ResidentBytes { get; init; }
    public required long VoluntarySwitches { get; init; }
    public required long InvoluntarySwitches { get; init; }
    public required long MinorFaults { get; init; }
    public required long MajorFaults { get; init; }

    /// <summary>From /proc/PID/io; null where it may not be read.</summary>
    public long? DeviceReadBytes { get; init; }
    public long? DeviceWriteBytes { get; init; }
    public long? CancelledWriteBytes { get; init; }

    public double CpuSeconds => CpuNanos / NanosPerSecond;

    /// <summary>Usage between the first and the last of the samples; memory at the highest of all of them.</summary>
    /// <param name="samples">At least two, of one sampler, in the order taken.</param>
    /// <param name="allocatedBytes">Allocated on the managed heap in the window, if the process tells.</param>
    /// <param name="gcCount">Collections in the window, if the process tells.</param>
    public static ProcessUsage Usage(IReadOnlyList<ProcessSnapshot> samples, long? allocatedBytes = null, int? gcCount = null)
    {
        ArgumentNullException.ThrowIfNull(samples);
        if (samples.Count < 2 || samples[^1].AtNanos <= samples[0].AtNanos)
        {
            throw new ArgumentException("A window needs a first and a later last sample.", nameof(samples));
        }

        ProcessSnapshot from = samples[0];
        ProcessSnapshot to = samples[^1];
        double cpuSeconds = to.CpuSeconds - from.CpuSeconds;
        long userTicks = to.UserTicks - from.UserTicks;
        long ticks = userTicks + to.SystemTicks - from.SystemTicks;

        // Without a tick in the window nothing says how it divides; it is then below 10 ms.
        double userSeconds = ticks <= 0 ? cpuSeconds : cpuSeconds * userTicks / ticks;
        return new ProcessUsage
        {
            UserSeconds = userSeconds,
            SystemSeconds = cpuSeconds - userSeconds,
            CpuShare = cpuSeconds * NanosPerSecond / (to.AtNanos - from.AtNanos),
            AnonymousPeakBytes = samples.Max(sample => sample.AnonymousBytes),
            ResidentPeakBytes = samples.Max(sample => sample.ResidentBytes),
            VoluntarySwitches = to.VoluntarySwitches - from.VoluntarySwitches,
            InvoluntarySwitches = to.InvoluntarySwitches - from.InvoluntarySwitches,
            MinorFaults = to.MinorFaults - from.MinorFaults,
            MajorFaults = to.MajorFaults - from.MajorFaults,
            DeviceReadBytes = to.DeviceReadBytes - from.DeviceReadBytes,
            DeviceWriteBytes = to.DeviceWriteBytes - from.DeviceWriteBytes,
            CancelledWriteBytes = to.CancelledWriteBytes - from.CancelledWriteBytes,
            AllocatedBytes = allocatedBytes,
            GcCount = gcCount,
        };
    }
}
