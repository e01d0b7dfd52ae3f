using Results;

namespace Harness.Measure.Tests;

public sealed class DiskProbeTests
{
    [Theory]
    [InlineData("/data", "nvme0n1p1")]
    [InlineData("/data/x/y", "nvme0n1p1")]
    [InlineData("/database", "sda2")]
    [InlineData("/", "sda2")]
    public void The_nearest_mount_point_above_the_folder_decides(string path, string expected)
    {
        using FixtureTree tree = MachineFixture.Server();
        Assert.Equal(expected, Read(tree, path, []).Device);
    }

    [Fact]
    public void A_later_mount_at_the_same_point_hides_the_earlier_one()
    {
        using FixtureTree tree = MachineFixture.Server();
        tree.With(
            "/proc/self/mountinfo",
            MachineFixture.Mount("/data", "259:1", "xfs", "/dev/nvme0n1p1") + MachineFixture.Mount("/data", "8:2", "ext4", "/dev/sda2"));
        DiskInfo disk = Read(tree, "/data", []);
        Assert.Equal(("ext4", "sda2", true, "mq-deadline"), (disk.Filesystem, disk.Device, disk.Rotational, disk.Scheduler));
    }

    [Fact]
    public void A_filesystem_with_a_number_of_its_own_is_found_by_its_source()
    {
        using FixtureTree tree = MachineFixture.Server()
            .With("/proc/self/mountinfo", MachineFixture.Mount("/", "0:31", "btrfs", "/dev/sda2", "rw,subvol=/@home"));
        DiskInfo disk = Read(tree, "/x", []);
        Assert.Equal(("btrfs", "sda2", "rw,relatime"), (disk.Filesystem, disk.Device, disk.MountOptions));
    }

    [Fact]
    public void A_filesystem_without_a_device_is_noted()
    {
        using FixtureTree tree = MachineFixture.Server().With(
            "/proc/self/mountinfo",
            MachineFixture.Mount("/", "0:45", "overlay", "overlay", "rw,lowerdir=/var/lib/x,upperdir=/home/me/y,index=off"));
        List<string> notes = [];
        DiskInfo disk = Read(tree, "/x", notes);
        Assert.Equal(("overlay", null, null, null), (disk.Filesystem, disk.Device, disk.Rotational, disk.Scheduler));
        Assert.Equal("rw,relatime,index=off", disk.MountOptions);
        Assert.Contains("overlay", Assert.Single(notes), StringComparison.Ordinal);
    }

    [Fact]
    public void A_network_mount_tells_neither_host_nor_user()
    {
        using FixtureTree tree = MachineFixture.Server().With(
            "/proc/self/mountinfo",
            MachineFixture.Mount("/", "0:50", "nfs4", "nas.example:/export", "rw,vers=4.2,clientaddr=10.0.0.1,addr=10.0.0.2,username=me"));
        List<string> notes = [];
        DiskInfo disk = Read(tree, "/x", notes);
        Assert.Equal("rw,relatime,vers=4.2", disk.MountOptions);
        Assert.Null(disk.Device);
        Assert.DoesNotContain("example", string.Join(' ', notes), StringComparison.Ordinal);
    }

    [Fact]
    public void A_mount_point_with_a_space_is_found()
    {
        using FixtureTree tree = MachineFixture.Server().With(
            "/proc/self/mountinfo",
            MachineFixture.Mount("/", "8:2", "ext4", "/dev/sda2") + MachineFixture.Mount("/my\\040data", "259:1", "xfs", "/dev/nvme0n1p1"));
        Assert.Equal("xfs", Read(tree, "/my data/broker", []).Filesystem);
    }

    [Fact]
    public void Lines_that_are_no_mounts_are_passed_over()
    {
        using FixtureTree tree = MachineFixture.Server()
            .With("/proc/self/mountinfo", "garbage\n1 2 3\n- - -\n" + MachineFixture.Mount("/", "8:2", "ext4", "/dev/sda2"));
        Assert.Equal("ext4", Read(tree, "/x", []).Filesystem);
    }

    private static DiskInfo Read(FixtureTree tree, string path, List<string> notes) => DiskProbe.Read(tree.Files, path, 1, notes);
}
