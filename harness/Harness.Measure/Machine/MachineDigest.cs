using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using Results;

namespace Harness.Measure;

/// <summary>
/// A short digest of what stays the same from run to run: two results with the same one may be compared directly. Free memory
/// and space, load and the resolved dirty limits change by the minute and are left out; the settings behind the limits are in.
/// Total memory is rounded, because kernels differ by some pages from boot to boot in what they keep for themselves.
/// </summary>
internal static class MachineDigest
{
    private const int HexDigits = 16;
    private const long MemoryStepBytes = 256L << 20;

    private static readonly string[] DirtySettings =
        ["dirty_ratio", "dirty_bytes", "dirty_background_ratio", "dirty_background_bytes", "dirty_expire_centisecs"];

    internal static string Of(MachineInfo info, PseudoFiles files)
    {
        CpuInfo cpu = info.Cpu;
        List<object?> facts =
        [
            cpu.Model, cpu.Count, cpu.Sockets, cpu.NumaNodes, cpu.L1DataBytes, cpu.L2Bytes, cpu.L3Bytes,
            cpu.Governor, cpu.Virtualisation, cpu.QuotaCpus,
            (info.Memory.TotalBytes + (MemoryStepBytes / 2)) / MemoryStepBytes,
            info.Memory.SwapBytes, info.Memory.TransparentHugePages,
            info.Disk.Filesystem, info.Disk.MountOptions, info.Disk.Device, info.Disk.Rotational, info.Disk.Scheduler,
            info.Kernel.Release, info.Kernel.Architecture, info.Kernel.ClockSource, info.Kernel.CongestionControl,
        ];
        facts.AddRange(DirtySettings.Select(name => (object)DirtyLimits.Setting(files, name)));

        // One fact a line, so that no two lists of facts run into the same text.
        string text = string.Join('\n', facts.Select(fact => Convert.ToString(fact, CultureInfo.InvariantCulture)));
        return Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(text)))[..HexDigits];
    }
}
