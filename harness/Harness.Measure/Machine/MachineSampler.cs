using Engine.Linux;

namespace Harness.Measure;

/// <summary>
/// Reads dirty pages and CPU time of the machine for the per-second series: three small files, no allocation but the snapshot.
/// Belongs to one thread.
/// </summary>
public sealed class MachineSampler
{
    private const long KibiByte = 1024;
    private const int IdleColumn = 3;
    private const int IoWaitColumn = 4;
    private const int StealColumn = 7;

    private readonly PseudoFiles _files;

    public MachineSampler()
        : this(new PseudoFiles())
    {
    }

    internal MachineSampler(PseudoFiles files) => _files = files;

    /// <summary>Throws <see cref="InvalidDataException"/> where the kernel does not show these figures at all.</summary>
    public MachineSnapshot Sample()
    {
        long atNanos = MonotonicClock.Nanos();
        ReadOnlySpan<byte> meminfo = _files.Read("/proc/meminfo");
        long? dirty = Fields.Named(meminfo, "Dirty"u8);
        long? writeback = Fields.Named(meminfo, "Writeback"u8);
        long? written = Fields.Named(_files.Read("/proc/vmstat"), "nr_written"u8) * Environment.SystemPageSize;

        // user nice system idle iowait irq softirq steal; what follows (guest) is contained in user and nice.
        ReadOnlySpan<byte> cpu = Fields.After(_files.Read("/proc/stat"), "cpu"u8);
        long total = 0;
        for (int column = 0; column <= StealColumn; column++)
        {
            total += Fields.Column(cpu, column) ?? 0;
        }

        if (dirty is not long dirtyKibiBytes || writeback is not long writebackKibiBytes || total == 0)
        {
            throw new InvalidDataException("This kernel does not show dirty pages or CPU time (meminfo and stat of /proc).");
        }

        long idle = (Fields.Column(cpu, IdleColumn) ?? 0) + (Fields.Column(cpu, IoWaitColumn) ?? 0);
        return new MachineSnapshot(
            atNanos,
            dirtyKibiBytes * KibiByte,
            writebackKibiBytes * KibiByte,
            written,
            total,
            idle,
            Fields.Column(cpu, StealColumn) ?? 0);
    }
}
