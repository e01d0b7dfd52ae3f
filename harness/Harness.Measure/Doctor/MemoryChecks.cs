namespace Harness.Measure.Doctor;

/// <summary>Swap, huge pages, the container's limit, and how much may be dirty.</summary>
internal static class MemoryChecks
{
    private const long KibiByte = 1024;
    private const long LittleMemoryBytes = 2L << 30;
    private const long DirtyBackgroundBytesLeast = 512L << 20;
    private const int DirtyPercentMost = 50;

    internal static IEnumerable<Finding> All(Patient patient) => [Swap(patient), HugePages(patient), Limit(patient), Dirty(patient)];

    private static Finding Swap(Patient patient)
    {
        byte[] meminfo = patient.Files.Read("/proc/meminfo").ToArray();
        long? total = Fields.Named(meminfo, "SwapTotal"u8) * KibiByte;
        long? free = Fields.Named(meminfo, "SwapFree"u8) * KibiByte;
        return total is not long size
            ? Finding.NotKnown("memory.swap", "/proc/meminfo shows no swap")
            : size == 0
            ? Finding.Fine("memory.swap", "none")
            : new Finding(
                "memory.swap",
                Severity.Warning,
                $"{Amount.Bytes(size)} of swap, {(free is long left ? Amount.Bytes(size - left) : "unknown how much")} used",
                "a full page cache pushes memory of broker and generator out: pauses that are the disk's",
                "sudo swapoff -a");
    }

    private static Finding HugePages(Patient patient) => patient.Machine.Memory.TransparentHugePages switch
    {
        null => Finding.NotKnown("memory.thp", "the kernel shows no setting of transparent huge pages"),
        "always" => new Finding(
            "memory.thp",
            Severity.Warning,
            "transparent huge pages: always",
            "a first touch may clear or compact 2 MiB: pauses, and more memory counted than used",
            "echo madvise | sudo tee /sys/kernel/mm/transparent_hugepage/enabled"),
        string setting => Finding.Fine("memory.thp", setting),
    };

    private static Finding Limit(Patient patient)
    {
        if (patient.Files.ReadText("/proc/self/cgroup") is null)
        {
            return Finding.NotKnown("memory.limit", "/proc/self/cgroup cannot be read");
        }

        CgroupLimit? limit = CgroupMemory.Find(patient.Files);
        long total = patient.Machine.Memory.TotalBytes;
        return limit is null || (total > 0 && limit.Value >= total)
            ? Finding.Fine("memory.limit", "control groups leave all memory")
            : new Finding(
                "memory.limit",
                limit.Value < LittleMemoryBytes ? Severity.Critical : Severity.Warning,
                $"control groups leave {Amount.Bytes((long)limit.Value)} of {Amount.Bytes(total)}",
                "page cache counts too: log segments are dropped and writers throttled long before the machine is full",
                limit.Version2 ? $"echo max | sudo tee {limit.Folder}/memory.max" : $"echo -1 | sudo tee {limit.Folder}/memory.limit_in_bytes");
    }

    private static Finding Dirty(Patient patient)
    {
        const string Mend = "sudo sysctl -w vm.dirty_background_ratio=10 vm.dirty_ratio=20";
        long total = patient.Machine.Memory.TotalBytes;
        long limit = patient.Machine.Memory.DirtyLimitBytes;
        long background = patient.Machine.Memory.DirtyBackgroundBytes;
        if (limit <= 0 || total <= 0)
        {
            return Finding.NotKnown("memory.dirty", "/proc/vmstat shows no limits of dirty pages, or /proc/meminfo no memory");
        }

        string message = $"writeback begins at {Amount.Bytes(background)} of dirty pages, writers are slowed towards {Amount.Bytes(limit)}, "
            + $"{limit * 100 / total} % of memory";
        return background < DirtyBackgroundBytesLeast
            ? new Finding(
                "memory.dirty",
                Severity.Warning,
                message,
                "seconds of a fast run reach the limits: from then on the rate is the disk's, and a short run shows another than a long one",
                Mend)
            : limit * 100 / total > DirtyPercentMost
            ? new Finding(
                "memory.dirty",
                Severity.Warning,
                message,
                "a run may end before the disk was asked for anything, and the next one pays for its writeback",
                Mend)
            : Finding.Fine("memory.dirty", message);
    }
}
