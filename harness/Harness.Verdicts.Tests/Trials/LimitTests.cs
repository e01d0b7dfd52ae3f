using Harness.Verdicts.Trials;
using Results;

namespace Harness.Verdicts.Tests.Trials;

/// <summary>What limited a trial: the generator or another resource.</summary>
public sealed class LimitTests
{
    private static readonly TrialEvidence Free = new()
    {
        SentPerSecond = 10e6,
        ConsumedPerSecond = 10e6,
        NullSinkPerSecond = 40e6,
        NullSourcePerSecond = 80e6,
        InFlightFullShare = 0.95,
        BrokerCpuShare = 0.6,
        GeneratorCpuShare = 0.6,
        CpuCount = 4,
        DirtyPeakBytes = 1_000_000,
        DirtyBackgroundBytes = 1_000_000_000,
        DirtyLimitBytes = 2_000_000_000,
    };

    [Fact]
    public void Far_from_the_ceilings_with_a_full_window_the_generator_does_not_limit()
    {
        GeneratorLimits limits = GeneratorLimit.Judge(Free);
        Assert.False(limits.GeneratorLimited);
        Assert.Null(limits.Reason);
        Assert.Equal(0.25, limits.NullSinkShare);
        Assert.Equal(0.125, limits.NullSourceShare);
    }

    [Fact]
    public void An_open_schedule_limits_exactly_when_the_generator_missed_it()
    {
        ScheduleInfo schedule = new()
        {
            OfferedMessages = 1000,
            SentMessages = 1000,
            LateMessages = 20,
            HeldUpMessages = 0,
            LateP50Micros = 3,
            LateP99Micros = 250,
            LateMaxMicros = 900,
            Held = false,
        };
        TrialEvidence idle = Free with { Saturates = false, Schedule = schedule, InFlightFullShare = 0, BrokerCpuShare = 0.1 };
        Assert.Equal("it missed its own schedule: 250 us late at the 99th percentile", GeneratorLimit.Judge(idle).Reason);
        Assert.False(GeneratorLimit.Judge(idle with { Schedule = schedule with { Held = true } }).GeneratorLimited);
        Assert.False(GeneratorLimit.Judge(idle with { Schedule = null }).GeneratorLimited);
    }

    [Fact]
    public void From_80_percent_of_the_null_sink_on_the_producers_limit()
    {
        GeneratorLimits limits = GeneratorLimit.Judge(Free with { SentPerSecond = 32e6 });
        Assert.True(limits.GeneratorLimited);
        Assert.Equal("the producers ran at 80 % of what they send into a null sink", limits.Reason);
        Assert.False(GeneratorLimit.Judge(Free with { SentPerSecond = 31.9e6 }).GeneratorLimited);
    }

    [Fact]
    public void From_80_percent_of_the_null_source_on_the_consumers_limit() =>
        Assert.StartsWith("the consumers ran at 88 %", GeneratorLimit.Judge(Free with { ConsumedPerSecond = 70e6 }).Reason, StringComparison.Ordinal);

    [Fact]
    public void An_open_window_before_an_idle_broker_is_the_generators_fault() =>
        Assert.StartsWith(
            "the in-flight window was not full for 30 % of the time while the broker used 0.30 CPU",
            GeneratorLimit.Judge(Free with { InFlightFullShare = 0.7, BrokerCpuShare = 0.3 }).Reason, StringComparison.Ordinal);

    [Theory]
    [InlineData(0.85, 0.3, 4)] // The window is open for 15 % only.
    [InlineData(0.5, 0.9, 4)] // The broker works.
    [InlineData(0.5, 0.4, 1)] // The machine is full: the broker waits for a processor.
    public void Otherwise_an_open_window_is_not(double full, double broker, double cpus) =>
        Assert.False(GeneratorLimit.Judge(Free with { InFlightFullShare = full, BrokerCpuShare = broker, CpuCount = cpus }).GeneratorLimited);

    [Fact]
    public void Ceilings_that_were_not_measured_limit_nothing()
    {
        GeneratorLimits limits = GeneratorLimit.Judge(Free with { NullSinkPerSecond = null, NullSourcePerSecond = 0 });
        Assert.False(limits.GeneratorLimited);
        Assert.Null(limits.NullSinkShare);
        Assert.Null(limits.NullSourceShare);
    }

    [Fact]
    public void A_limiting_generator_hides_every_other_cause() =>
        Assert.StartsWith(
            "generator CPU: the producers ran",
            Resource(Full with { SentPerSecond = 39e6, CpuCount = 1, DirtyPeakBytes = 1_900_000_000 }), StringComparison.Ordinal);

    [Fact]
    public void A_generator_that_left_its_window_open_is_not_said_to_lack_CPU() =>
        Assert.StartsWith(
            "the generator: the in-flight window was not full", Resource(Free with { InFlightFullShare = 0.7, BrokerCpuShare = 0.3 }), StringComparison.Ordinal);

    [Fact]
    public void Dirty_pages_half_way_to_the_limit_mean_throttling() =>
        Assert.Equal("dirty throttling: 1.50 GB of dirty pages, limit 2.00 GB", Resource(Free with { DirtyPeakBytes = 1_500_000_000 }));

    [Fact]
    public void Full_CPUs_are_named_with_the_shares_of_both_sides() =>
        Assert.Equal(
            "CPU of the machine: broker 0.90 and generator 1.00 of 2 CPUs in use",
            Resource(Free with { BrokerCpuShare = 0.9, GeneratorCpuShare = 1, CpuCount = 2 }));

    [Fact]
    public void Stolen_time_counts_as_full_and_is_named() =>
        Assert.Equal(
            "CPU of the machine: broker 0.70 and generator 0.70 of 2 CPUs in use, 20 % of all CPU time stolen by the hypervisor",
            Resource(Free with { BrokerCpuShare = 0.7, GeneratorCpuShare = 0.7, CpuCount = 2, StealShare = 0.2 }));

    [Fact]
    public void A_full_window_is_the_brokers_doing_when_it_is_busy_and_the_round_trips_when_it_is_not()
    {
        Assert.StartsWith("broker CPU: in-flight window full for 95 %", Resource(Free with { BrokerCpuShare = 0.95 }), StringComparison.Ordinal);
        Assert.StartsWith("the in-flight window: in-flight window full for 95 %", Resource(Free), StringComparison.Ordinal);
    }

    [Fact]
    public void Evidence_that_decides_nothing_is_called_undecided() =>
        Assert.StartsWith("undecided: in-flight window full for 60 %", Resource(Free with { InFlightFullShare = 0.6 }), StringComparison.Ordinal);

    [Fact]
    public void A_device_that_is_busy_and_waited_for_is_the_limit() =>
        Assert.Equal(
            "disk: busy for 97 % of the time while 0.80 CPUs waited for it, broker 0.60 and generator 0.60 of 4 CPUs in use",
            Resource(Free with { DiskBusyShare = 0.97, IoWaitCpus = 0.8 }));

    [Theory]
    [InlineData(0.97, 0.1)] // Written back behind everybody's back: nobody waits.
    [InlineData(0.5, 0.8)]
    [InlineData(null, 0.8)] // The device's time is not shown here.
    public void A_device_that_is_not_both_is_no_limit(double? busy, double waiting) =>
        Assert.StartsWith("the in-flight window", Resource(Free with { DiskBusyShare = busy, IoWaitCpus = waiting }), StringComparison.Ordinal);

    [Fact]
    public void Throttled_writers_make_the_device_busy_and_are_named_first() =>
        Assert.StartsWith(
            "dirty throttling", Resource(Free with { DiskBusyShare = 1, IoWaitCpus = 2, DirtyPeakBytes = 1_900_000_000 }), StringComparison.Ordinal);

    [Fact]
    public void Copies_near_what_memory_carries_explain_full_CPUs() =>
        Assert.Equal(
            "memory bandwidth: at least 5.00 GB/s copied, and the CPUs together copy 6.00 GB/s, broker 0.90 and generator 1.00 of 2 CPUs in use",
            Resource(Full with { CopiedBytesPerSecond = 5e9, MemoryCopyBytesPerSecond = 6e9 }));

    [Theory]
    [InlineData(4.7e9, 6e9)]
    [InlineData(5e9, null)] // That ceiling was not measured.
    public void Copies_far_below_it_do_not(double copied, double? ceiling) =>
        Assert.StartsWith("CPU of the machine", Resource(Full with { CopiedBytesPerSecond = copied, MemoryCopyBytesPerSecond = ceiling }), StringComparison.Ordinal);

    private static TrialEvidence Full => Free with { BrokerCpuShare = 0.9, GeneratorCpuShare = 1, CpuCount = 2 };

    private static string Resource(TrialEvidence evidence) => LimitingResource.Of(evidence, GeneratorLimit.Judge(evidence));
}
