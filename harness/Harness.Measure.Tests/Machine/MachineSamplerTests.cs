namespace Harness.Measure.Tests;

public sealed class MachineSamplerTests
{
    [Fact]
    public void Dirty_pages_and_cpu_time_come_from_their_own_fields()
    {
        using FixtureTree tree = MachineFixture.Server();
        MachineSnapshot sample = new MachineSampler(tree.Files).Sample();
        Assert.Equal(120 * 1024, sample.DirtyBytes);
        Assert.Equal(8 * 1024, sample.WritebackBytes);
        Assert.Equal(1000L * Environment.SystemPageSize, sample.WrittenBackBytes);
        Assert.Equal((1000, 820, 10), (sample.CpuTicks, sample.IdleTicks, sample.StealTicks));
    }

    [Fact]
    public void Shares_are_of_the_time_between_two_samples()
    {
        using FixtureTree tree = MachineFixture.Server();
        MachineSampler sampler = new(tree.Files);
        MachineSnapshot from = sampler.Sample();
        tree.With("/proc/stat", "cpu  150 10 50 820 20 3 7 40 5 0\n");
        MachineSnapshot to = sampler.Sample();
        Assert.Equal(0.3, MachineSnapshot.StealShare(from, to), 1e-12);
        Assert.Equal(0.8, MachineSnapshot.BusyShare(from, to), 1e-12);
        Assert.Equal(0, MachineSnapshot.StealShare(to, to));
        Assert.Equal(0, MachineSnapshot.BusyShare(to, to));
    }

    [Fact]
    public void The_time_of_the_named_device_is_sampled_and_of_no_other()
    {
        const string stats = "   8       0 sda 1 2 3 4 5 6 7 8 9 111 12 0 0 0 0 0 0\n 254       0 vda 1 2 3 4 5 6 7 8 9 {0} 12 0 0 0 0 0 0\n";
        using FixtureTree tree = MachineFixture.Server().With("/proc/diskstats", stats.Replace("{0}", "5000", StringComparison.Ordinal));
        MachineSampler sampler = new(tree.Files, "vda");
        MachineSnapshot from = sampler.Sample() with { AtNanos = 1_000_000_000 };
        tree.With("/proc/diskstats", stats.Replace("{0}", "5600", StringComparison.Ordinal));
        MachineSnapshot to = sampler.Sample() with { AtNanos = 2_000_000_000 };
        Assert.Equal(5000, from.DiskBusyMillis);
        Assert.Equal(0.6, MachineSnapshot.DiskBusyShare(from, to)!.Value, 1e-12);
        Assert.Null(MachineSnapshot.DiskBusyShare(to, to));
        Assert.Null(new MachineSampler(tree.Files, "vdb").Sample().DiskBusyMillis);
        Assert.Null(new MachineSampler(tree.Files).Sample().DiskBusyMillis);
    }

    [Fact]
    public void Waiting_for_devices_is_a_share_of_all_processors()
    {
        using FixtureTree tree = MachineFixture.Server();
        MachineSampler sampler = new(tree.Files);
        MachineSnapshot begin = sampler.Sample();
        MachineSnapshot to = begin with { CpuTicks = begin.CpuTicks + 200, IoWaitTicks = begin.IoWaitTicks + 50 };
        Assert.Equal(0.25, MachineSnapshot.IoWaitShare(begin, to), 1e-12);
        Assert.Equal(0, MachineSnapshot.IoWaitShare(to, to));
    }

    [Fact]
    public void A_kernel_that_counts_no_written_pages_leaves_them_unknown()
    {
        using FixtureTree tree = MachineFixture.Server().Without("/proc/vmstat");
        Assert.Null(new MachineSampler(tree.Files).Sample().WrittenBackBytes);
    }

    [Theory]
    [InlineData("/proc/meminfo")]
    [InlineData("/proc/stat")]
    public void Figures_that_are_not_shown_are_an_error_and_not_zero(string file)
    {
        using FixtureTree tree = MachineFixture.Server().Without(file);
        Assert.Throws<InvalidDataException>(() => new MachineSampler(tree.Files).Sample());
    }

    [Fact]
    public void This_machine_can_be_sampled()
    {
        MachineSampler sampler = new();
        MachineSnapshot from = sampler.Sample();
        MachineSnapshot to = sampler.Sample();
        Assert.True(to.AtNanos > from.AtNanos && to.CpuTicks >= from.CpuTicks && to.WrittenBackBytes >= from.WrittenBackBytes);
    }

    [Fact]
    public void Dirty_limits_are_the_kernels_own_where_it_shows_them()
    {
        using FixtureTree tree = MachineFixture.Server();
        Assert.Equal(
            new DirtyLimits(600_000L * Environment.SystemPageSize, 1_200_000L * Environment.SystemPageSize),
            DirtyLimits.Read(tree.Files));
    }

    [Theory]
    [InlineData(10, 0, 20, 0, 2_048_000_000, 4_096_000_000)]
    [InlineData(0, 1_000_000, 0, 5_000_000, 1_000_000, 5_000_000)]
    [InlineData(30, 0, 0, 5_000_000, 2_500_000, 5_000_000)] // A background limit above the limit is cut to half of it.
    public void Otherwise_they_are_resolved_as_the_kernel_does(
        int backgroundRatio, long backgroundBytes, int ratio, long bytes, long expectedBackground, long expectedLimit)
    {
        using FixtureTree tree = MachineFixture.Server()
            .Without("/proc/vmstat")
            .With("/proc/sys/vm/dirty_background_ratio", $"{backgroundRatio}\n")
            .With("/proc/sys/vm/dirty_background_bytes", $"{backgroundBytes}\n")
            .With("/proc/sys/vm/dirty_ratio", $"{ratio}\n")
            .With("/proc/sys/vm/dirty_bytes", $"{bytes}\n");
        Assert.Equal(new DirtyLimits(expectedBackground, expectedLimit), DirtyLimits.Read(tree.Files));
    }
}
