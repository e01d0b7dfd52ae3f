using Results;

namespace Harness.Measure;

/// <summary>The filesystem that holds the broker's data, and the block device under it.</summary>
internal static class DiskProbe
{
    internal static DiskInfo Read(PseudoFiles files, string dataPath, long freeBytes, List<string> notes)
    {
        if (MountTable.Find(files, dataPath) is not Mount mount)
        {
            return new DiskInfo
            {
                Filesystem = notes.Unknown("filesystem of the data folder"),
                MountOptions = "",
                FreeBytes = freeBytes,
            };
        }

        string? device = FindDevice(files, mount);
        if (device is null)
        {
            notes.Add($"The data folder lies on {mount.Filesystem}, which shows no block device: what is under it is not known.");
        }

        // A partition has no queue of its own: the disk is the folder above it.
        string? queue = device is null ? null
            : files.Exists($"{device}/queue") ? $"{device}/queue"
            : $"{device}/../queue";

        // As the kernel has it: virtual disks are often called rotational whatever is under them.
        string? rotational = queue is null ? null : files.ReadText($"{queue}/rotational");
        return new DiskInfo
        {
            Filesystem = mount.Filesystem,
            MountOptions = mount.Options,
            FreeBytes = freeBytes,
            Device = device is null ? null : KernelName(files, device),
            Rotational = rotational is null ? null : rotational == "1",
            Scheduler = queue is null ? null : Fields.Chosen(files.ReadText($"{queue}/scheduler")),
        };
    }

    /// <summary>By number; where the filesystem has a number of its own (btrfs), by the device that it names as its source.</summary>
    private static string? FindDevice(PseudoFiles files, Mount mount)
    {
        string byNumber = $"/sys/dev/block/{mount.DeviceNumber}";
        if (files.Exists($"{byNumber}/uevent"))
        {
            return byNumber;
        }

        string byName = $"/sys/class/block/{mount.Source[(mount.Source.LastIndexOf('/') + 1)..]}";
        return mount.Source.StartsWith("/dev/", StringComparison.Ordinal) && files.Exists($"{byName}/uevent") ? byName : null;
    }

    private static string? KernelName(PseudoFiles files, string device)
    {
        foreach (string line in (files.ReadText($"{device}/uevent") ?? "").Split('\n'))
        {
            if (line.StartsWith("DEVNAME=", StringComparison.Ordinal))
            {
                return line["DEVNAME=".Length..];
            }
        }

        return null;
    }
}
