namespace Harness.Measure;

/// <summary>
/// How many bytes of dirty pages the kernel allows now: above the background limit it starts to write them back, on the way to
/// the limit it slows their writers down. Both follow free memory when they are set as ratios.
/// </summary>
public sealed record DirtyLimits(long BackgroundBytes, long LimitBytes)
{
    private const long KibiByte = 1024;

    public static DirtyLimits Read() => Read(new PseudoFiles());

    /// <summary>
    /// The kernel's own answer from /proc/vmstat; where it shows none, its rule (domain_dirty_limits in mm/page-writeback.c) applied
    /// to the pages that may become dirty: free ones and the page cache. The kernel also leaves out its reserves, which are not
    /// shown, so the second way is a little high.
    /// </summary>
    internal static DirtyLimits Read(PseudoFiles files)
    {
        ReadOnlySpan<byte> vmstat = files.Read("/proc/vmstat");
        long? limitPages = Fields.Named(vmstat, "nr_dirty_threshold"u8);
        long? backgroundPages = Fields.Named(vmstat, "nr_dirty_background_threshold"u8);
        if (limitPages is long limit && backgroundPages is long background)
        {
            return new DirtyLimits(background * Environment.SystemPageSize, limit * Environment.SystemPageSize);
        }

        ReadOnlySpan<byte> meminfo = files.Read("/proc/meminfo");
        long available = KibiByte * ((Fields.Named(meminfo, "MemFree"u8) ?? 0)
            + (Fields.Named(meminfo, "Active(file)"u8) ?? 0)
            + (Fields.Named(meminfo, "Inactive(file)"u8) ?? 0));
        long limitBytes = Resolve(files, "dirty", available);
        long backgroundBytes = Resolve(files, "dirty_background", available);
        return new DirtyLimits(backgroundBytes >= limitBytes ? limitBytes / 2 : backgroundBytes, limitBytes);
    }

    /// <summary>Bytes win over the ratio: setting one clears the other.</summary>
    private static long Resolve(PseudoFiles files, string name, long available)
    {
        long bytes = Setting(files, $"{name}_bytes");
        return bytes > 0 ? bytes : available / 100 * Setting(files, $"{name}_ratio");
    }

    internal static long Setting(PseudoFiles files, string name) =>
        Fields.Column(files.Read($"/proc/sys/vm/{name}").TrimEnd((byte)'\n'), 0) ?? 0;
}
