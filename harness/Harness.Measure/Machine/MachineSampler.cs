using System.Text;
using Engine.Linux;

namespace Harness.Measure;

/// <summary>
/// Reads dirty pages and CPU time of the machine for the per-second series: a few small files, no allocation but the snapshot.
/// Belongs to one thread.
/// </summary>
public sealed class MachineSampler
{
    private const long KibiByte = 1024;
    private const int IdleColumn = 3;
    private const int IoWaitColumn = 4;
    private const int StealColumn = 7;

    /// <summary>Of a line of diskstats behind the device's name: milliseconds spent doing I/O.</summary>
    private const int DiskBusyColumn = 9;

    private readonly PseudoFiles _files;
    private readonly byte[]? _disk;

    /// <param name="disk">The kernel's name of the device whose time is sampled too (<see cref="Results.DiskInfo.Device"/>); null for none.</param>
    public MachineSampler(string? disk = null)
        : this(new PseudoFiles(), disk)
    {
    }

    internal MachineSampler(PseudoFiles files, string? disk = null)
    {
        _files = files;
        _disk = disk is null ? null : Encoding.UTF8.GetBytes($" {disk} ");
    }

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
            Fields.Column(cpu, StealColumn) ?? 0)
        {
            IoWaitTicks = Fields.Column(cpu, IoWaitColumn) ?? 0,
            DiskBusyMillis = DiskBusy(),
        };
    }

    private long? DiskBusy()
    {
        if (_disk is null)
        {
            return null;
        }

        ReadOnlySpan<byte> stats = _files.Read("/proc/diskstats");
        int name = stats.IndexOf(_disk);
        return name < 0 ? null : Fields.Column(stats[(name + _disk.Length)..], DiskBusyColumn);
    }
}
