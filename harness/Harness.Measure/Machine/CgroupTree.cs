namespace Harness.Measure;

/// <param name="Folder">The control group that sets the limit.</param>
/// <param name="Version2">True for the unified hierarchy, whose files have other names.</param>
internal sealed record CgroupLimit(double Value, string Folder, bool Version2);

/// <summary>
/// The limit that control groups set for this process, whichever version they are of. Limits add up along the path to the
/// root, so the smallest one holds. Inside a container the path may be the host's while the tree shown begins at the
/// container: a folder that is not there is then passed over and the tree's own root still counts.
/// </summary>
internal static class CgroupTree
{
    private const string Tree = "/sys/fs/cgroup";

    /// <summary>Null where there is no limit.</summary>
    /// <param name="controller">As version 1 names it.</param>
    /// <param name="version2">The limit in a folder of version 2, or null.</param>
    /// <param name="version1">The limit in a folder of version 1, or null.</param>
    internal static CgroupLimit? Least(
        PseudoFiles files, string controller, Func<string, double?> version2, Func<string, double?> version1)
    {
        CgroupLimit? least = null;
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
                Walk(Tree, parts[2], version2, isVersion2: true);
                Walk($"{Tree}/unified", parts[2], version2, isVersion2: true);
            }
            else if (parts[1].Split(',').Contains(controller))
            {
                Walk($"{Tree}/{parts[1]}", parts[2], version1, isVersion2: false);
                Walk($"{Tree}/{controller}", parts[2], version1, isVersion2: false);
            }
        }

        return least;

        void Walk(string tree, string path, Func<string, double?> read, bool isVersion2)
        {
            string group = path.TrimEnd('/');
            while (true)
            {
                if (read(tree + group) is double value && (least is null || value < least.Value))
                {
                    least = new CgroupLimit(value, tree + group, isVersion2);
                }

                if (group.Length == 0)
                {
                    return;
                }

                group = group[..group.LastIndexOf('/')];
            }
        }
    }
}
