namespace Results.Samples;

internal static class SampleMachine
{
    public static MachineInfo Build() => new()
    {
        Fingerprint = "9c1f04be",
        Cpu = new CpuInfo
        {
            Model = "AMD EPYC 7763 64-Core Processor",
            Count = 2,
            Sockets = 1,
            NumaNodes = 1,
            L1DataBytes = 32 * 1024,
            L2Bytes = 512 * 1024,
            L3Bytes = 32 * 1024 * 1024,
            Virtualisation = "kvm",
        },
        Memory = new MemoryInfo
        {
            TotalBytes = 8_329_015_296,
            AvailableBytes = 7_012_352_000,
            SwapBytes = 0,
            TransparentHugePages = "madvise",
            DirtyBackgroundBytes = 701_235_200,
            DirtyLimitBytes = 1_402_470_400,
            DirtyExpireSeconds = 30,
        },
        Disk = new DiskInfo
        {
            Filesystem = "ext4",
            MountOptions = "rw,relatime,discard",
            FreeBytes = 61_000_000_000,
            Device = "vda",
            Rotational = false,
            Scheduler = "none",
        },
        Kernel = new KernelInfo { Release = "6.8.0-45-generic", Architecture = "x86_64", ClockSource = "tsc", CongestionControl = "cubic", LoadAverage = 0.12, OpenFilesLimit = 1_048_576 },
    };

    public static IReadOnlyList<Ceiling> Ceilings() =>
    [
        new()
        {
            Kind = CeilingKinds.NullSink,
            Description = "The producer's whole path, encoding included, with a sink in place of the broker",
            BytesPerSecond = 1.63e9,
            MessagesPerSecond = 42.9e6,
            PassesBytesPerSecond = [1.61e9, 1.63e9, 1.66e9],
            CpuSecondsPerGigabyte = 0.61,
        },
        new()
        {
            Kind = CeilingKinds.NullSource,
            Description = "The consumer's and verifier's whole path on replayed fetch responses",
            BytesPerSecond = 2.55e9,
            MessagesPerSecond = 67.2e6,
            PassesBytesPerSecond = [2.49e9, 2.55e9, 2.58e9],
            CpuSecondsPerGigabyte = 0.39,
        },
        new()
        {
            Kind = CeilingKinds.BarePipeline,
            Description = "send → recv → write → sendfile → recv with bare system calls",
            BytesPerSecond = 1.49e9,
            MessagesPerSecond = 39.2e6,
            PassesBytesPerSecond = [1.44e9, 1.49e9, 1.52e9],
            CpuSecondsPerGigabyte = 0.95,
            BrokerCpuSecondsPerGigabyte = 0.52,
        },
    ];
}
