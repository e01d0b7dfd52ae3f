using System.Globalization;

namespace Harness.Measure;

/// <summary>
/// The CPU time that control groups leave to this process, as a number of CPUs. Limits add up along the path to the root, so
/// the smallest one holds. Inside a container the path may be the host's while the tree shown begins at the container: a
/// folder that is not there is then passed over and the tree's own root still counts.
/// </summary>
internal static class CgroupQuota
{
    private const string Tree = "/sys/fs/cgroup";

    /// <summary>Null where there is no limit.</summary>
    internal static double? Read(PseudoFiles files)
    {
        double? least = null;
        foreach (string line in (files.ReadText("/proc/self/cgroup") ?? "").Split('\n'))
        {
            // 0::/path is version 2; N:cpu,cpuacct:/path is version 1.
            string[] parts = line.Split(':', 3);
            if (parts.Length < 3)
            {
                continue;
            }

            if (parts[1].Length == 0)
            {
                Walk($"{Tree}", parts[2], ReadVersion2);
                Walk($"{Tree}/unified", parts[2], ReadVersion2);
            }
            else if (parts[1].Split(',').Contains("cpu"))
            {
                Walk($"{Tree}/{parts[1]}", parts[2], ReadVersion1);
                Walk($"{Tree}/cpu", parts[2], ReadVersion1);
            }
        }

        return least;

        void Walk(string tree, string path, Func<PseudoFiles, string, double?> read)
        {
            string group = path.TrimEnd('/');
            while (true)
            {
                if (read(files, tree + group) is double cpus && (least is null || cpus < least))
                {
                    least = cpus;
                }

                if (group.Length == 0)
                {
                    return;
                }

                group = group[..group.LastIndexOf('/')];
            }
        }
    }

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
