using System.Globalization;
using Reports.Formatting;
using Results;

namespace Reports.Model;

/// <summary>The machine's fingerprint and the generator's own settings as lists of facts.</summary>
internal static class MachineFacts
{
    private const string Unknown = "not known";

    public static IReadOnlyList<Fact> Of(MachineInfo machine)
    {
        CpuInfo cpu = machine.Cpu;
        MemoryInfo memory = machine.Memory;
        DiskInfo disk = machine.Disk;
        KernelInfo kernel = machine.Kernel;
        return
        [
            new("Fingerprint", machine.Fingerprint),
            new("CPU", cpu.Model),
            new("CPUs usable", Number(cpu.Count) + (cpu.QuotaCpus is { } quota ? $", quota {Format.Cpus(quota)}" : "")),
            new("Sockets, NUMA nodes", $"{Number(cpu.Sockets)}, {Number(cpu.NumaNodes)}"),
            new("Caches", $"L1d {Bytes(cpu.L1DataBytes)}, L2 {Bytes(cpu.L2Bytes)}, L3 {Bytes(cpu.L3Bytes)}"),
            new("Governor", cpu.Governor ?? Unknown),
            new("Virtualisation", cpu.Virtualisation ?? Unknown),
            new("Memory", $"{Format.Bytes(memory.TotalBytes)}, {Format.Bytes(memory.AvailableBytes)} available"),
            new("Swap", memory.SwapBytes == 0 ? "none" : Format.Bytes(memory.SwapBytes)),
            new("Transparent huge pages", memory.TransparentHugePages ?? Unknown),
            new("Dirty limits", $"background {Format.Bytes(memory.DirtyBackgroundBytes)}, throttling {Format.Bytes(memory.DirtyLimitBytes)}, "
                + $"expire {Format.Seconds(memory.DirtyExpireSeconds)}"),
            new("Filesystem", $"{disk.Filesystem} ({disk.MountOptions}), {Format.Bytes(disk.FreeBytes)} free"),
            new("Disk", Disk(disk)),
            new("Kernel", $"{kernel.Release} {kernel.Architecture}"),
            new("Clock source", kernel.ClockSource ?? Unknown),
            new("TCP congestion control", kernel.CongestionControl ?? Unknown),
            new("Load before", kernel.LoadAverage.ToString("0.00", CultureInfo.InvariantCulture)),
            new("Open files limit", Format.Count(kernel.OpenFilesLimit)),
        ];
    }

    public static IReadOnlyList<Fact> Of(ToolInfo tool) =>
    [
        new("Version", tool.Version),
        new("Commit", tool.Commit ?? "built outside a git checkout"),
        new("Runtime", tool.Runtime),
        .. tool.Settings.Select(s => new Fact(s.Key, s.Value)),
    ];

    private static string Disk(DiskInfo disk)
    {
        string kind = disk.Rotational switch { true => "with heads", false => "without heads", null => "heads not known" };
        return $"{disk.Device ?? "device not known"}, {kind}, scheduler {disk.Scheduler ?? Unknown}";
    }

    private static string Bytes(long? bytes) => bytes is { } known ? Format.Size(known) : Unknown;

    private static string Number(int? value) => value?.ToString(CultureInfo.InvariantCulture) ?? Unknown;
}
