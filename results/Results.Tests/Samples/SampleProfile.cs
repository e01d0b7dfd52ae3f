namespace Results.Samples;

/// <summary>Where a broker's CPU time went, of a run that sampled it.</summary>
internal static class SampleProfile
{
    public const string Folded = """
        engine;Engine.Server.EventLoop.Run_[j] 3
        engine;Engine.Server.EventLoop.Run_[j];Engine.Wire.Crc32C.ThreeLanes_[j] 12
        engine;Engine.Server.EventLoop.Run_[j];libc.so.6;do_syscall_64_[k];vfs_write_[k] 25
        engine;Engine.Server.EventLoop.Run_[j];libc.so.6;do_syscall_64_[k];vfs_write_[k];rep_movs_alternative_[k] 60

        """;

    public static CpuProfile Of(string variant) => new()
    {
        Variant = variant,
        Trials = 3,
        Hertz = 499,
        Samples = 100,
        CpuSeconds = 0.2,
        Categories =
        [
            new(CpuCategory.KernelCopying, 60),
            new(CpuCategory.KernelOther, 25),
            new(CpuCategory.Checksum, 12),
            new(CpuCategory.OwnCode, 3),
        ],
        Symbols =
        [
            new("rep_movs_alternative_[k]", CpuCategory.KernelCopying, 60),
            new("vfs_write_[k]", CpuCategory.KernelOther, 25),
            new("Engine.Wire.Crc32C.ThreeLanes_[j]", CpuCategory.Checksum, 12),
            new("Engine.Server.EventLoop.Run_[j]", CpuCategory.OwnCode, 3),
        ],
        FoldedFile = $"profile-{RunFolder.FileName(variant)}.folded",
        NotMeasured = [],
    };

    /// <summary>Of a broker that could not be sampled.</summary>
    public static CpuProfile None(string variant, string reason) =>
        Of(variant) with { Trials = 0, Samples = 0, CpuSeconds = 0, Categories = [], Symbols = [], FoldedFile = null, NotMeasured = [reason] };
}
