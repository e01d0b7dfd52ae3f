using Harness.Measure.Doctor;
using static Harness.Measure.Tests.MachineFixture;

namespace Harness.Measure.Tests.Doctor;

/// <summary>Each check on a machine that is good and on one that is not; the fixture's own machine is good throughout.</summary>
public sealed class ExaminationTests : IDisposable
{
    private const long FreeBytes = 100L << 30;
    private readonly FixtureTree _tree = Healthy();
    private readonly string _programs = Directory.CreateTempSubdirectory("harness-programs-").FullName;

    public ExaminationTests()
    {
        foreach (string name in (string[])["java", "kcat", "bin/kafka-run-class.sh"])
        {
            Directory.CreateDirectory(Path.GetDirectoryName(Path.Combine(_programs, name))!);
            File.WriteAllText(Path.Combine(_programs, name), "");
        }
    }

    [Fact]
    public void On_a_good_machine_everything_is_fine()
    {
        IReadOnlyList<Finding> findings = Examine();
        Assert.DoesNotContain(findings, finding => finding.Severity != Severity.Fine);
        Assert.Equal(findings.Count, findings.Select(finding => finding.Check).Distinct().Count());
    }

    [Theory]
    [InlineData("cpu.governor", Severity.Warning, "/sys/devices/system/cpu/cpu2/cpufreq/scaling_governor", "powersave")]
    [InlineData("cpu.turbo", Severity.Warning, "/sys/devices/system/cpu/intel_pstate/no_turbo", "0")]
    [InlineData("cpu.count", Severity.Warning, "/proc/self/status", "Cpus_allowed_list:\t0-1\nCapEff:\t000001ffffffffff\n")]
    [InlineData("cpu.count", Severity.Critical, "/proc/self/status", "Cpus_allowed_list:\t1\nCapEff:\t000001ffffffffff\n")]
    [InlineData("cpu.quota", Severity.Warning, "/sys/fs/cgroup/user/job/cpu.max", "150000 100000")]
    [InlineData("cpu.quota", Severity.Critical, "/sys/fs/cgroup/user/cpu.max", "50000 100000")]
    [InlineData("load.average", Severity.Warning, "/proc/loadavg", "3.10 2.00 1.00 1/467 12345")]
    [InlineData("memory.swap", Severity.Warning, "/proc/meminfo", "MemTotal: 24683436 kB\nSwapTotal: 1048576 kB\nSwapFree: 1000 kB\n")]
    [InlineData("memory.thp", Severity.Warning, "/sys/kernel/mm/transparent_hugepage/enabled", "[always] madvise never")]
    [InlineData("memory.limit", Severity.Warning, "/sys/fs/cgroup/user/job/memory.max", "8589934592")]
    [InlineData("memory.limit", Severity.Critical, "/sys/fs/cgroup/memory.max", "1073741824")]
    [InlineData("memory.dirty", Severity.Warning, "/proc/vmstat", "nr_dirty_threshold 20000\nnr_dirty_background_threshold 10000\n")]
    [InlineData("memory.dirty", Severity.Warning, "/proc/vmstat", "nr_dirty_threshold 5000000\nnr_dirty_background_threshold 600000\n")]
    [InlineData("kernel.perf", Severity.Warning, "/proc/self/status", "Cpus_allowed_list:\t0-3\nCapEff:\t0000000000000000\n")]
    [InlineData("kernel.clock", Severity.Warning, "/sys/devices/system/clocksource/clocksource0/current_clocksource", "hpet")]
    [InlineData("kernel.files", Severity.Warning, "/proc/self/limits", "Max open files            1024                 524288               files     \n")]
    [InlineData("network.loopback", Severity.Warning, "/sys/class/net/lo/mtu", "1500")]
    [InlineData("network.congestion", Severity.Warning, "/proc/sys/net/ipv4/tcp_congestion_control", "bbr")]
    [InlineData("network.ports", Severity.Warning, "/proc/sys/net/ipv4/ip_local_port_range", "60000\t60999")]
    [InlineData("machine.virtual", Severity.Info, "/proc/cpuinfo", "model name\t: x\nflags\t\t: fpu hypervisor\n")]
    public void What_spoils_a_measurement_is_found(string check, Severity severity, string path, string content)
    {
        _tree.With(path, content);
        Finding finding = Of(check);
        Assert.Equal(severity, finding.Severity);
        Assert.NotNull(finding.Effect);
        Assert.Equal(check, Assert.Single(Examine(), other => other.Severity != Severity.Fine).Check);
    }

    [Theory]
    [InlineData("cpu.governor", "/sys/devices/system/cpu")]
    [InlineData("cpu.turbo", "/sys/devices/system/cpu/intel_pstate/no_turbo")]
    [InlineData("cpu.quota", "/proc/self/cgroup")]
    [InlineData("memory.limit", "/proc/self/cgroup")]
    [InlineData("load.average", "/proc/loadavg")]
    [InlineData("memory.swap", "/proc/meminfo")]
    [InlineData("memory.dirty", "/proc/meminfo")]
    [InlineData("memory.thp", "/sys/kernel/mm/transparent_hugepage/enabled")]
    [InlineData("storage.filesystem", "/proc/self/mountinfo")]
    [InlineData("storage.options", "/proc/self/mountinfo")]
    [InlineData("kernel.perf", "/proc/sys/kernel/perf_event_paranoid")]
    [InlineData("kernel.clock", "/sys/devices/system/clocksource/clocksource0/current_clocksource")]
    [InlineData("kernel.files", "/proc/self/limits")]
    [InlineData("network.loopback", "/sys/class/net/lo/mtu")]
    [InlineData("network.congestion", "/proc/sys/net/ipv4/tcp_congestion_control")]
    [InlineData("network.ports", "/proc/sys/net/ipv4/ip_local_port_range")]
    [InlineData("machine.virtual", "/proc/cpuinfo")]
    public void What_is_missing_or_cannot_be_read_is_not_known(string check, string path)
    {
        _tree.Without(path);
        Assert.Equal(Severity.NotKnown, Of(check).Severity);

        // A folder in its place is there and cannot be read, also by a user who may read everything.
        Directory.CreateDirectory(_tree.Root + path);
        Finding finding = Of(check);
        Assert.Equal(Severity.NotKnown, finding.Severity);
        Assert.StartsWith("not known here: ", finding.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Of_an_empty_machine_everything_is_said_without_a_crash()
    {
        using FixtureTree empty = new();
        IReadOnlyList<Finding> findings = Examine(patient => patient with { Files = empty.Files, Load = null, DirectIo = null });
        Assert.Equal(Examine().Count, findings.Count);
        Assert.Equal(Severity.Warning, findings.Single(finding => finding.Check == "kernel.tracefs").Severity);
    }

    [Theory]
    [InlineData("tmpfs", "rw,relatime", Severity.Critical, Severity.Fine)]
    [InlineData("nfs4", "rw,relatime", Severity.Critical, Severity.Fine)]
    [InlineData("virtiofs", "rw,relatime", Severity.Critical, Severity.Fine)]
    [InlineData("overlay", "rw,relatime", Severity.Warning, Severity.Fine)]
    [InlineData("fuse.ntfs", "rw,relatime", Severity.Warning, Severity.Fine)]
    [InlineData("btrfs", "rw,relatime", Severity.Info, Severity.Fine)]
    [InlineData("xfs", "rw,noatime", Severity.Fine, Severity.Fine)]
    [InlineData("ext4", "ro,relatime", Severity.Fine, Severity.Critical)]
    [InlineData("ext4", "rw,sync,relatime", Severity.Fine, Severity.Critical)]
    [InlineData("ext4", "rw,relatime,data=journal", Severity.Fine, Severity.Warning)]
    [InlineData("ext4", "rw,relatime,nobarrier", Severity.Fine, Severity.Warning)]
    [InlineData("ext4", "rw", Severity.Fine, Severity.Warning)]
    public void Filesystem_and_options_are_judged(string type, string options, Severity filesystem, Severity mounted)
    {
        _tree.With("/proc/self/mountinfo", $"27 1 259:1 / /data {options} shared:1 - {type} /dev/nvme0n1p1 rw\n");
        Assert.Equal((filesystem, mounted), (Of("storage.filesystem").Severity, Of("storage.options").Severity));
    }

    [Fact]
    public void The_command_names_the_mount_and_the_control_group_themselves()
    {
        _tree.With("/proc/self/mountinfo", "27 1 259:1 / /data rw,sync,relatime shared:1 - ext4 /dev/nvme0n1p1 rw\n")
            .With("/sys/fs/cgroup/user/cpu.max", "150000 100000")
            .With("/sys/fs/cgroup/user/memory.max", "8589934592");
        Assert.Equal("sudo mount -o remount,async /data", Of("storage.options").Command);
        Assert.Equal("echo max | sudo tee /sys/fs/cgroup/user/cpu.max", Of("cpu.quota").Command);
        Assert.Equal("echo max | sudo tee /sys/fs/cgroup/user/memory.max", Of("memory.limit").Command);
    }

    [Fact]
    public void Limits_of_control_groups_of_version_1_are_found()
    {
        _tree.With("/proc/self/cgroup", "4:memory:/job\n3:cpu,cpuacct:/job\n")
            .With("/sys/fs/cgroup/cpu,cpuacct/job/cpu.cfs_quota_us", "200000\n")
            .With("/sys/fs/cgroup/cpu,cpuacct/job/cpu.cfs_period_us", "100000\n")
            .With("/sys/fs/cgroup/memory/memory.limit_in_bytes", "9223372036854771712\n")
            .With("/sys/fs/cgroup/memory/job/memory.limit_in_bytes", "4294967296\n");
        Assert.Equal("echo -1 | sudo tee /sys/fs/cgroup/cpu,cpuacct/job/cpu.cfs_quota_us", Of("cpu.quota").Command);
        Assert.StartsWith("control groups leave 4.0 GiB", Of("memory.limit").Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(0.1, 0.0, Severity.Fine, Severity.Fine)]
    [InlineData(0.5, 0.01, Severity.Warning, Severity.Warning)]
    [InlineData(2.0, 0.10, Severity.Critical, Severity.Critical)]
    public void Other_load_and_steal_are_judged(double otherCpus, double steal, Severity others, Severity stolen)
    {
        LoadSample load = new(1, otherCpus, steal);
        Assert.Equal(others, Of("load.others", patient => patient with { Load = load }).Severity);
        Assert.Equal(stolen, Of("load.steal", patient => patient with { Load = load }).Severity);
    }

    [Fact]
    public void Own_work_and_steal_are_not_the_load_of_others()
    {
        MachineSnapshot from = new(0, 0, 0, null, CpuTicks: 1000, IdleTicks: 500, StealTicks: 10);
        MachineSnapshot to = new(2_000_000_000, 0, 0, null, CpuTicks: 1800, IdleTicks: 1000, StealTicks: 90);
        LoadSample sample = Examination.Between(from, to, TimeSpan.FromSeconds(0.2));
        Assert.Equal(1.0, sample.OtherCpus, 9);
        Assert.Equal(0.1, sample.StealShare, 9);
    }

    [Fact]
    public void What_could_not_be_sampled_is_not_known()
    {
        Assert.Equal(Severity.NotKnown, Of("load.others", patient => patient with { Load = null }).Severity);
        Assert.Equal(Severity.NotKnown, Of("load.steal", patient => patient with { Load = null }).Severity);
    }

    [Theory]
    [InlineData(true, Severity.Fine)]
    [InlineData(false, Severity.Warning)]
    [InlineData(null, Severity.NotKnown)]
    public void Direct_access_is_judged(bool? works, Severity severity) =>
        Assert.Equal(severity, Of("storage.direct", patient => patient with { DirectIo = works }).Severity);

    [Theory]
    [InlineData(20L << 30, Severity.Fine)]
    [InlineData(3L << 30, Severity.Warning)]
    [InlineData(3L << 20, Severity.Critical)]
    public void Free_space_is_judged(long freeBytes, Severity severity) => Assert.Equal(
        severity,
        Of("storage.space", patient => patient with { Machine = patient.Machine with { Disk = patient.Machine.Disk with { FreeBytes = freeBytes } } }).Severity);

    [Fact]
    public void Tracefs_that_is_there_and_forbidden_is_told_from_one_that_is_not_mounted()
    {
        _tree.Without("/sys/kernel/tracing/events").With("/sys/kernel/tracing/events", "not a folder that can be listed");
        Assert.Contains("remount", Of("kernel.tracefs").Command, StringComparison.Ordinal);
        _tree.Without("/sys/kernel/tracing");
        Assert.Equal("sudo mount -t tracefs -o mode=750,gid=$(id -g) nodev /sys/kernel/tracing", Of("kernel.tracefs").Command);
    }

    [Fact]
    public void Tools_that_are_missing_are_information()
    {
        Assert.Equal(Severity.Info, Of("tools.java", patient => patient with { SearchPath = null }).Severity);
        Assert.Equal(Severity.Info, Of("tools.kafka", patient => patient with { KafkaHome = null }).Severity);
        Assert.Equal(Severity.Info, Of("tools.kafka", patient => patient with { KafkaHome = Path.GetTempPath() }).Severity);
    }

    [Fact]
    public void The_worst_stands_first()
    {
        _tree.With("/sys/kernel/mm/transparent_hugepage/enabled", "[always] madvise never").With("/sys/fs/cgroup/cpu.max", "50000 100000");
        Assert.Equal(["cpu.quota", "memory.thp"], Examine().Take(2).Select(finding => finding.Check));
    }

    [Fact]
    public async Task This_machine_is_examined_and_nothing_is_left_in_the_folder()
    {
        string folder = Path.Combine(_programs, "data");
        Directory.CreateDirectory(folder);
        IReadOnlyList<Finding> findings = await Examination.Examine(folder, TestContext.Current.CancellationToken);
        Assert.Equal(Examine().Select(finding => finding.Check).Order(), findings.Select(finding => finding.Check).Order());
        Assert.Empty(Directory.EnumerateFileSystemEntries(folder));
    }

    public void Dispose()
    {
        _tree.Dispose();
        Directory.Delete(_programs, recursive: true);
    }

    private static FixtureTree Healthy() => Server()
        .With("/proc/self/status", "Cpus_allowed_list:\t0-2,8\nCapEff:\t000001ffffffffff\n")
        .With("/proc/meminfo", "MemTotal:       24683436 kB\nSwapTotal:             0 kB\nSwapFree:              0 kB\n")
        .With("/proc/self/limits", "Max open files            65536                524288               files     \n")
        .With("/proc/loadavg", "0.20 0.58 0.59 1/467 12345\n")
        .With("/proc/sys/kernel/perf_event_paranoid", "2\n")
        .With("/sys/devices/system/cpu/intel_pstate/no_turbo", "1\n")
        .With("/sys/kernel/tracing/events/syscalls/enable", "0\n")
        .With("/sys/class/net/lo/mtu", "65536\n")
        .With("/proc/sys/net/ipv4/ip_local_port_range", "32768\t60999\n");

    private Finding Of(string check, Func<Patient, Patient>? change = null) => Examine(change).Single(finding => finding.Check == check);

    private IReadOnlyList<Finding> Examine(Func<Patient, Patient>? change = null)
    {
        Patient patient = new(
            _tree.Files,
            MachineProbe.Read(_tree.Files, "/data/x", FreeBytes).Info,
            "/data/x",
            new LoadSample(1, 0, 0),
            DirectIo: true,
            DirectIoUnknown: null,
            _programs,
            _programs);
        return Examination.Check(change?.Invoke(patient) ?? patient);
    }
}
