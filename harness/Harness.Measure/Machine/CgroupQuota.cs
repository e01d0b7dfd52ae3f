using System.Globalization;

namespace Harness.Measure;

/// <summary>The CPU time that control groups leave to this process, as a number of CPUs.</summary>
internal static class CgroupQuota
{
    /// <summary>Null where there is no limit.</summary>
    internal static double? Read(PseudoFiles files) => Find(files)?.Value;

    internal static CgroupLimit? Find(PseudoFiles files) =>
        CgroupTree.Least(files, "cpu", folder => ReadVersion2(files, folder), folder => ReadVersion1(files, folder));

    private static double? ReadVersion2(PseudoFiles files, string folder)
    {
        string[] parts = (files.ReadText($"{folder}/cpu.max") ?? "").Split(' ');
        return parts.Length == 2 ? Cpus(parts[0], parts[1]) : null;
    }

    private static double? ReadVersion1(PseudoFiles files, string folder) =>
        Cpus(files.ReadText($"{folder}/cpu.cfs_quota_us"), files.ReadText($"{folder}/cpu.cfs_period_us"));

    /// <summary>"max" and −1 are no limit.</summary>
    private static double? Cpus(string? quota, string? period) =>
        long.TryParse(quota, CultureInfo.InvariantCulture, out long used) && used > 0
        && long.TryParse(period, CultureInfo.InvariantCulture, out long whole) && whole > 0
            ? (double)used / whole
            : null;
}
