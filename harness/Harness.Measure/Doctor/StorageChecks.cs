namespace Harness.Measure.Doctor;

/// <summary>The filesystem under the data folder.</summary>
internal static class StorageChecks
{
    private const long SpaceCriticalBytes = 1L << 30;
    private const long SpaceWarningBytes = 6L << 30;

    /// <summary>Lists the filesystems on which a folder for --data may be chosen.</summary>
    private const string DisksCommand = "df -T -t ext4 -t xfs";

    private static readonly string[] InMemory = ["tmpfs", "ramfs", "hugetlbfs"];

    private static readonly string[] OverNetwork =
        ["nfs", "nfs4", "cifs", "smb3", "smbfs", "ceph", "glusterfs", "lustre", "9p", "afs", "virtiofs", "fuse.sshfs", "fuse.glusterfs", "ocfs2", "gfs2"];

    internal static IEnumerable<Finding> All(Patient patient)
    {
        Mount? mount = MountTable.Find(patient.Files, patient.DataPath);
        return [Filesystem(mount), Options(mount), Direct(patient), Space(patient)];
    }

    private static Finding Filesystem(Mount? mount)
    {
        const string Check = "storage.filesystem";
        const string Elsewhere = DisksCommand;
        return mount?.Filesystem switch
        {
            null => Finding.NotKnown(Check, "/proc/self/mountinfo does not show the mount of the data folder"),
            string type when InMemory.Contains(type) => new Finding(
                Check, Severity.Critical, $"the data folder lies on {type}", "nothing reaches a disk: fsync does nothing, and the log takes memory twice over", Elsewhere),
            string type when OverNetwork.Contains(type) => new Finding(
                Check, Severity.Critical, $"the data folder lies on {type}", "another machine or the host holds the files: its cache, its network and its other clients are measured", Elsewhere),
            "overlay" or "aufs" => new Finding(
                Check, Severity.Warning, "the data folder lies on overlay", "files go through a second filesystem, whose own options are not shown; the first change of a file copies it", Elsewhere),
            string type when type.StartsWith("fuse", StringComparison.Ordinal) => new Finding(
                Check, Severity.Warning, $"the data folder lies on {type}", "every read and write goes through another process", Elsewhere),
            "btrfs" or "zfs" or "bcachefs" => new Finding(
                Check, Severity.Info, $"the data folder lies on {mount.Filesystem}", "it copies on write and computes checksums: overwritten segments are no cheaper than new ones"),
            string type => Finding.Fine(Check, type),
        };
    }

    private static Finding Options(Mount? mount)
    {
        const string Check = "storage.options";
        if (mount is null)
        {
            return Finding.NotKnown(Check, "/proc/self/mountinfo does not show the mount of the data folder");
        }

        HashSet<string> options = [.. mount.Options.Split(',')];
        string point = Quoted(mount.Point);
        foreach ((string option, Severity severity, string effect, string? command) in (ReadOnlySpan<(string, Severity, string, string?)>)
        [
            ("ro", Severity.Critical, "the broker cannot write its log", Remount("rw")),
            ("sync", Severity.Critical, "every write waits for the disk: what is measured is fsync, for whatever broker", Remount("async")),
            ("dirsync", Severity.Warning, "creating and deleting segments waits for the disk; the option stands in /etc/fstab", null),
            ("data=journal", Severity.Warning, "every byte is written twice", $"sudo umount {point} && sudo mount -o data=ordered {point}"),
            ("nobarrier", Severity.Warning, "fsync does not reach the disk: durable figures are too good", Remount("barrier")),
            ("barrier=0", Severity.Warning, "fsync does not reach the disk: durable figures are too good", Remount("barrier=1")),
            ("strictatime", Severity.Warning, "every read of a segment dirties its inode", Remount("noatime")),
        ])
        {
            if (options.Contains(option))
            {
                return new Finding(Check, severity, $"mounted with {option}", effect, command);
            }
        }

        // Without any of the words the kernel updates access times always.
        return options.Overlaps(["relatime", "noatime", "lazytime"])
            ? Finding.Fine(Check, mount.Options)
            : new Finding(
                Check, Severity.Warning, "mounted with access times", "every read of a segment dirties its inode", Remount("noatime"));

        string Remount(string with) => $"sudo mount -o remount,{with} {point}";
    }

    private static Finding Direct(Patient patient) => patient.DirectIo switch
    {
        null => Finding.NotKnown("storage.direct", patient.DirectIoUnknown ?? "it was not tried"),
        true => Finding.Fine("storage.direct", "O_DIRECT works"),
        false => new Finding(
            "storage.direct",
            Severity.Warning,
            "the filesystem refuses O_DIRECT",
            "the way without page cache cannot be measured, and the disk's own speed not told from the cache's",
            "choose a folder on ext4 or xfs with --data DIR: df -T"),
    };

    private static Finding Space(Patient patient)
    {
        long free = patient.Machine.Disk.FreeBytes;
        return free >= SpaceWarningBytes
            ? Finding.Fine("storage.space", $"{Amount.Bytes(free)} free")
            : new Finding(
                "storage.space",
                free < SpaceCriticalBytes ? Severity.Critical : Severity.Warning,
                $"{Amount.Bytes(free)} free",
                "runs refuse to start, and a nearly full filesystem allocates slowly and in pieces",
                $"df -h {Quoted(patient.DataPath)} && du -xh --max-depth=1 {Quoted(patient.DataPath)} | sort -h");
    }

    private static string Quoted(string path) => path.All(c => char.IsAsciiLetterOrDigit(c) || c is '/' or '-' or '_' or '.')
        ? path
        : $"'{path.Replace("'", "'\\''", StringComparison.Ordinal)}'";
}
