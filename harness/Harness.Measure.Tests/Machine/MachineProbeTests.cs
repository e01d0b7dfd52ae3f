using Results;

namespace Harness.Measure.Tests;

public sealed class MachineProbeTests
{
    [Fact]
    public void A_whole_machine_is_read_without_a_note()
    {
        using FixtureTree tree = MachineFixture.Server();
        MachineReading reading = Read(tree);
        Assert.Empty(reading.Notes);
        Assert.Equal(
            new CpuInfo
            {
                Model = "Big Processor @ 2.50GHz",
                Count = 4,
                Sockets = 2,
                NumaNodes = 2,
                L1DataBytes = 32 << 10,
                L2Bytes = 1 << 20,
                L3Bytes = 33 << 20,
                Governor = "performance",
                Virtualisation = "none",
            },
            reading.Info.Cpu);
        Assert.Equal(
            new MemoryInfo
            {
                TotalBytes = 24683436L << 10,
                AvailableBytes = 23000000L << 10,
                SwapBytes = 1L << 30,
                TransparentHugePages = "madvise",
                DirtyBackgroundBytes = 600000L * Environment.SystemPageSize,
                DirtyLimitBytes = 1200000L * Environment.SystemPageSize,
                DirtyExpireSeconds = 30,
            },
            reading.Info.Memory);
        Assert.Equal(
            new DiskInfo
            {
                Filesystem = "xfs",
                MountOptions = "rw,relatime,attr2",
                FreeBytes = 77,
                Device = "nvme0n1p1",
                Rotational = false,
                Scheduler = "none",
            },
            reading.Info.Disk);
        KernelInfo kernel = reading.Info.Kernel;
        Assert.Equal(("6.18.1-test", "tsc", "cubic", 0.52, 1024L), (kernel.Release, kernel.ClockSource, kernel.CongestionControl, kernel.LoadAverage, kernel.OpenFilesLimit));
    }

    [Fact]
    public void A_machine_that_shows_nothing_is_noted_and_does_not_fail()
    {
        using FixtureTree tree = new();
        MachineReading reading = Read(tree);
        Assert.Equal("unknown", reading.Info.Cpu.Model);
        Assert.Equal(Environment.ProcessorCount, reading.Info.Cpu.Count);
        Assert.Null(reading.Info.Cpu.Virtualisation);
        Assert.Null(reading.Info.Disk.Device);
        Assert.Equal("unknown", reading.Info.Disk.Filesystem);
        foreach (string what in (string[])["processor model", "sockets", "NUMA", "L3", "governor", "virtual", "memory of the machine",
            "huge pages", "dirty pages", "filesystem", "clock source", "load average", "open files", "kernel release"])
        {
            Assert.Contains(reading.Notes, note => note.Contains(what, StringComparison.Ordinal));
        }
    }

    [Fact]
    public void Arm_has_numbers_where_x86_has_a_name()
    {
        using FixtureTree tree = MachineFixture.Server()
            .With("/proc/cpuinfo", "processor\t: 0\nBogoMIPS\t: 243.75\nFeatures\t: fp asimd crc32\nCPU implementer\t: 0x41\nCPU architecture: 8\nCPU part\t: 0xd0c\n")
            .With("/sys/devices/system/cpu/cpu0/topology/physical_package_id", "-1")
            .With("/sys/devices/system/cpu/cpu1/topology/physical_package_id", "-1")
            .With("/sys/devices/system/cpu/cpu2/topology/physical_package_id", "-1")
            .With("/sys/devices/system/cpu/cpu8/topology/physical_package_id", "-1");
        MachineReading reading = Read(tree);
        Assert.Equal("ARM implementer 0x41 part 0xd0c", reading.Info.Cpu.Model);
        Assert.Null(reading.Info.Cpu.Sockets);
        Assert.Null(reading.Info.Cpu.Virtualisation);
        Assert.Equal(2, reading.Notes.Count);
    }

    [Theory]
    [InlineData("fpu hypervisor", "QEMU", "Standard PC", "QEMU/KVM")]
    [InlineData("fpu hypervisor", "Amazon EC2", "m5.large", "Amazon EC2")]
    [InlineData("fpu hypervisor", "Somebody", "db-host-17.example", "virtual machine (hypervisor not named)")]
    [InlineData("fpu", "Amazon EC2", "m5.metal", "none")]
    [InlineData("fpu", "Dell Inc.", "PowerEdge", "none")]
    public void Virtualisation_is_told_without_passing_on_what_owners_wrote(string flags, string vendor, string product, string expected)
    {
        using FixtureTree tree = MachineFixture.Server()
            .With("/proc/cpuinfo", $"model name\t: X\nflags\t\t: {flags}\n")
            .With("/sys/class/dmi/id/sys_vendor", vendor)
            .With("/sys/class/dmi/id/product_name", product);
        Assert.Equal(expected, Read(tree).Info.Cpu.Virtualisation);
    }

    [Fact]
    public void Two_governors_are_both_named()
    {
        using FixtureTree tree = MachineFixture.Server().With("/sys/devices/system/cpu/cpu2/cpufreq/scaling_governor", "powersave\n");
        Assert.Equal("performance, powersave", Read(tree).Info.Cpu.Governor);
    }

    [Theory]
    [InlineData("0::/a/b", "/sys/fs/cgroup/a/b/cpu.max", "150000 100000", 1.5)]
    [InlineData("0::/a/b", "/sys/fs/cgroup/a/cpu.max", "50000 100000", 0.5)]
    [InlineData("0::/not/shown/here", "/sys/fs/cgroup/cpu.max", "200000 100000", 2.0)]
    [InlineData("0::/a", "/sys/fs/cgroup/unified/a/cpu.max", "200000 100000", 2.0)]
    [InlineData("0::/", "/sys/fs/cgroup/cpu.max", "max 100000", null)]
    [InlineData("0::/", "/sys/fs/cgroup/cpu.max", "nonsense", null)]
    [InlineData("nonsense", "/sys/fs/cgroup/cpu.max", "100000 100000", null)]
    public void A_quota_of_cgroup_v2_is_the_smallest_on_the_way_up(string cgroup, string file, string content, double? expected)
    {
        using FixtureTree tree = new FixtureTree().With("/proc/self/cgroup", cgroup).With(file, content);
        Assert.Equal(expected, CgroupQuota.Read(tree.Files));
    }

    [Theory]
    [InlineData("4:cpu,cpuacct:/job", "/sys/fs/cgroup/cpu,cpuacct/job", "150000", 1.5)]
    [InlineData("4:cpu,cpuacct:/job", "/sys/fs/cgroup/cpu", "150000", 1.5)]
    [InlineData("1:cpu:/", "/sys/fs/cgroup/cpu", "-1", null)]
    [InlineData("2:cpuset:/job", "/sys/fs/cgroup/cpuset/job", "150000", null)]
    public void A_quota_of_cgroup_v1_is_read_too(string cgroup, string folder, string quota, double? expected)
    {
        using FixtureTree tree = new FixtureTree()
            .With("/proc/self/cgroup", $"9:name=systemd:/\n{cgroup}\n0::/\n")
            .With($"{folder}/cpu.cfs_quota_us", quota)
            .With($"{folder}/cpu.cfs_period_us", "100000");
        Assert.Equal(expected, CgroupQuota.Read(tree.Files));
    }

    [Fact]
    public void The_fingerprint_stays_while_load_and_free_memory_change_and_moves_with_the_machine()
    {
        using FixtureTree tree = MachineFixture.Server();
        string before = Read(tree).Info.Fingerprint;
        Assert.Matches("^[0-9a-f]{16}$", before);
        tree.With("/proc/loadavg", "7.00 1 1 1/1 1").With("/proc/vmstat", "nr_dirty_threshold 5\nnr_dirty_background_threshold 2\n");
        Assert.Equal(before, Read(tree).Info.Fingerprint);
        tree.With("/proc/sys/vm/dirty_ratio", "40");
        Assert.NotEqual(before, Read(tree).Info.Fingerprint);
        tree.With("/proc/sys/vm/dirty_ratio", "20");
        Assert.Equal(before, Read(tree).Info.Fingerprint);
        tree.With("/sys/devices/nvme0n1/queue/scheduler", "none [kyber]");
        Assert.NotEqual(before, Read(tree).Info.Fingerprint);
    }

    [Fact]
    public void An_unlimited_number_of_open_files_is_no_error()
    {
        using FixtureTree tree = MachineFixture.Server()
            .With("/proc/self/limits", "Max open files            unlimited            unlimited            files\n");
        Assert.Equal(long.MaxValue, Read(tree).Info.Kernel.OpenFilesLimit);
    }

    [Fact]
    public void This_machine_can_be_read_and_tells_nothing_of_its_owner()
    {
        string folder = Path.Combine(Path.GetTempPath(), "harness-does-not-exist", "data");
        MachineReading reading = MachineProbe.Read(folder);
        Assert.True(reading.Info.Memory.TotalBytes > 0);
        Assert.True(reading.Info.Memory.DirtyLimitBytes > reading.Info.Memory.DirtyBackgroundBytes);
        Assert.True(reading.Info.Disk.FreeBytes > 0);
        Assert.True(reading.Info.Kernel.OpenFilesLimit > 0);
        Assert.NotEqual("unknown", reading.Info.Disk.Filesystem);
        string all = $"{reading.Info}{string.Join(' ', reading.Notes)}";
        Assert.DoesNotContain("harness-does-not-exist", all, StringComparison.Ordinal);
        Assert.DoesNotContain(" /", all, StringComparison.Ordinal);
        Assert.Equal(reading.Info.Fingerprint, MachineProbe.Read(folder).Info.Fingerprint);
    }

    private static MachineReading Read(FixtureTree tree) => MachineProbe.Read(tree.Files, "/data/broker", 77);
}
