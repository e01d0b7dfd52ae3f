namespace Harness.Measure.Tests;

/// <summary>A bare-metal x86 machine with two sockets and cgroup v2, to be changed by each test where it differs.</summary>
internal static class MachineFixture
{
    internal static FixtureTree Server()
    {
        FixtureTree tree = new FixtureTree()
            .With("/proc/cpuinfo", "processor\t: 0\nmodel\t\t: 85\nmodel name\t: Big Processor @ 2.50GHz\nflags\t\t: fpu sse4_2 avx2\n\nprocessor\t: 1\n")
            .With("/proc/self/status", "Name:\tx\nCpus_allowed:\tf\nCpus_allowed_list:\t0-2,8\n")
            .With("/sys/devices/system/node/online", "0-1\n")
            .With("/proc/self/cgroup", "0::/user/job\n")
            .With("/sys/fs/cgroup/user/job/cpu.max", "max 100000\n")
            .With("/proc/meminfo", "MemTotal:       24683436 kB\nMemFree:        10000000 kB\nMemAvailable:   23000000 kB\nActive(file):    4000000 kB\nInactive(file):  6000000 kB\nDirty:               120 kB\nWriteback:             8 kB\nSwapTotal:       1048576 kB\n")
            .With("/proc/vmstat", "nr_dirty 30\nnr_written 1000\nnr_dirty_threshold 1200000\nnr_dirty_background_threshold 600000\n")
            .With("/proc/stat", "cpu  100 10 50 800 20 3 7 10 5 0\ncpu0 100 10 50 800 20 3 7 10 5 0\nintr 1\n")
            .With("/proc/sys/vm/dirty_ratio", "20\n")
            .With("/proc/sys/vm/dirty_bytes", "0\n")
            .With("/proc/sys/vm/dirty_background_ratio", "10\n")
            .With("/proc/sys/vm/dirty_background_bytes", "0\n")
            .With("/proc/sys/vm/dirty_expire_centisecs", "3000\n")
            .With("/sys/kernel/mm/transparent_hugepage/enabled", "always [madvise] never\n")
            .With("/proc/sys/kernel/osrelease", "6.18.1-test\n")
            .With("/proc/loadavg", "0.52 0.58 0.59 1/467 12345\n")
            .With("/proc/self/limits", "Limit                     Soft Limit           Hard Limit           Units     \nMax open files            1024                 524288               files     \n")
            .With("/sys/devices/system/clocksource/clocksource0/current_clocksource", "tsc\n")
            .With("/proc/sys/net/ipv4/tcp_congestion_control", "cubic\n")
            .With("/proc/self/mountinfo", Mount("/", "8:2", "ext4", "/dev/sda2") + Mount("/data", "259:1", "xfs", "/dev/nvme0n1p1", "rw,attr2"))
            .With("/sys/devices/nvme0n1/queue/rotational", "0\n")
            .With("/sys/devices/nvme0n1/queue/scheduler", "[none] mq-deadline kyber\n")
            .With("/sys/devices/nvme0n1/nvme0n1p1/uevent", "MAJOR=259\nMINOR=1\nDEVNAME=nvme0n1p1\nDEVTYPE=partition\n")
            .With("/sys/devices/sda/queue/rotational", "1\n")
            .With("/sys/devices/sda/queue/scheduler", "none [mq-deadline]\n")
            .With("/sys/devices/sda/sda2/uevent", "DEVNAME=sda2\n")
            .WithLink("/sys/dev/block/259:1", "../../devices/nvme0n1/nvme0n1p1")
            .WithLink("/sys/dev/block/8:2", "../../devices/sda/sda2")
            .WithLink("/sys/class/block/sda2", "../../devices/sda/sda2");
        foreach (int cpu in (int[])[0, 1, 2, 8])
        {
            string folder = $"/sys/devices/system/cpu/cpu{cpu}";
            _ = tree.With($"{folder}/topology/physical_package_id", cpu == 8 ? "1\n" : "0\n")
                .With($"{folder}/cpufreq/scaling_governor", "performance\n");
        }

        return tree.Cache(0, "1", "Data", "32K").Cache(1, "1", "Instruction", "64K").Cache(2, "2", "Unified", "1024K")
            .Cache(3, "3", "Unified", "33M");
    }

    internal static string Mount(string point, string number, string type, string source, string options = "rw") =>
        $"27 1 {number} / {point} rw,relatime shared:1 - {type} {source} {options}\n";

    private static FixtureTree Cache(this FixtureTree tree, int index, string level, string type, string size)
    {
        string folder = $"/sys/devices/system/cpu/cpu0/cache/index{index}";
        return tree.With($"{folder}/level", level).With($"{folder}/type", type).With($"{folder}/size", size);
    }
}
