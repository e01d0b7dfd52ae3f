using System.Globalization;
using Results;

namespace Harness.Measure;

/// <summary>
/// Decides which of three different stories a throughput tells: of memory that is written over and over, of a burst that the
/// page cache absorbs, or of a disk that keeps up. The thresholds are named here and nowhere else.
/// </summary>
public static class StorageRegimes
{
    /// <summary>"Several times": as much is written to the device as the dirty limit, so often, before a run is sustained.</summary>
    private const double Several = 3;

    private const double BytesPerGigabyte = 1e9;

    /// <summary>Classifies the counted window.</summary>
    /// <remarks>
    /// The kernel adds to a process's write_bytes when it makes a page dirty, not when the page is written, and to
    /// cancelled_write_bytes of the process that deletes or truncates when a page is dropped unwritten. So the difference still
    /// holds what is dirty at the end; where the machine's own count of pages written back is smaller, that is what reached
    /// the device. Either way the figure given is the most that can have reached it.
    /// </remarks>
    /// <param name="acceptedBytes">Accepted by the broker into its log.</param>
    /// <param name="broker">Usage of the broker in the same window.</param>
    /// <param name="writtenBackBytes">Pages written back by the whole machine in the window; null where not shown.</param>
    /// <param name="dirtyPeakBytes">Most dirty pages seen in the window.</param>
    public static StorageInfo Classify(
        long acceptedBytes, ProcessUsage broker, long? writtenBackBytes, long dirtyPeakBytes, long dirtyLimitBytes)
    {
        ArgumentNullException.ThrowIfNull(broker);
        long? caused = broker.DeviceWriteBytes is long written
            ? Math.Max(0, written - (broker.CancelledWriteBytes ?? 0))
            : null;
        long? reached = caused is long c && writtenBackBytes is long w ? Math.Min(c, w) : caused ?? writtenBackBytes;
        StorageRegime regime = Decide(acceptedBytes, reached, broker.CancelledWriteBytes ?? 0, dirtyLimitBytes);
        return new StorageInfo
        {
            Regime = regime,
            AcceptedBytes = acceptedBytes,
            DeviceWriteBytes = reached,
            CancelledWriteBytes = broker.CancelledWriteBytes,
            DeviceReadBytes = broker.DeviceReadBytes,
            DirtyPeakBytes = dirtyPeakBytes,
            DirtyLimitBytes = dirtyLimitBytes,
            Sentence = Describe(regime, acceptedBytes, reached, dirtyPeakBytes, dirtyLimitBytes),
        };
    }

    private static StorageRegime Decide(long accepted, long? reached, long cancelled, long dirtyLimit)
    {
        bool fits = accepted <= dirtyLimit;
        if (reached is not long onDevice)
        {
            return fits ? StorageRegime.Burst : StorageRegime.Mixed;
        }

        // Below the limit the same small share would come out for every short run, so there a ring has to show itself by
        // what it dropped.
        bool dropped = !fits || cancelled >= accepted / 2;
        if (accepted > 0 && dropped && onDevice * Several <= accepted)
        {
            return StorageRegime.RingInMemory;
        }

        if (fits)
        {
            return StorageRegime.Burst;
        }

        return onDevice >= Several * dirtyLimit ? StorageRegime.Sustained : StorageRegime.Mixed;
    }

    private static string Describe(StorageRegime regime, long accepted, long? reached, long dirtyPeak, long dirtyLimit)
    {
        string device = reached is not long onDevice
            ? "how much reached the device could not be measured"
            : accepted > 0
                ? $"at most {Gigabytes(onDevice)} ({Percent((double)onDevice / accepted)}) reached the device"
                : $"at most {Gigabytes(onDevice)} reached the device";
        string story = regime switch
        {
            StorageRegime.RingInMemory => "Ring in memory (segments deleted or overwritten before they were written back)",
            StorageRegime.Burst => "Burst (all that was accepted fits in the dirty limit)",
            StorageRegime.Sustained => "Sustained (the device was written several times the dirty limit)",
            _ => "Mixed (neither a ring in memory, nor within the dirty limit, nor several times it)",
        };
        return $"{story}: {Gigabytes(accepted)} accepted, {device}; "
            + $"dirty pages peaked at {Gigabytes(dirtyPeak)} of a limit of {Gigabytes(dirtyLimit)}.";
    }

    private static string Gigabytes(long bytes) =>
        (bytes / BytesPerGigabyte).ToString(bytes < BytesPerGigabyte ? "0.000" : "0.0", CultureInfo.InvariantCulture) + " GB";

    private static string Percent(double share) =>
        (share * 100).ToString(share < 0.1 ? "0.0" : "0", CultureInfo.InvariantCulture) + " %";
}
