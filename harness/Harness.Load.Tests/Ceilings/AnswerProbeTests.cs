using System.Net;
using Engine.Linux;
using Results;

namespace Harness.Load.Tests;

public sealed class AnswerProbeTests
{
    private static readonly TimeSpan WarmUp = TimeSpan.FromMilliseconds(50);
    private static readonly TimeSpan Length = TimeSpan.FromMilliseconds(200);

    [Theory]
    [InlineData(100, 1, 1, 0.0, "none", 20_000)]
    [InlineData(100, 2, 3, 0.001, "none", 20_000)]
    [InlineData(30, 1, 1, 0.005, "lz4", 10_000)]
    [InlineData(4096, 1, 1, 0.05, "none", 5_000)]
    public void Each_message_that_was_due_in_it_is_acknowledged_and_counted_once(
        int valueBytes, int producers, int partitions, double linger, string compression, int rate)
    {
        ScenarioInfo scenario = Open("inject", rate) with
        {
            Message = new MessageInfo(valueBytes, "none", "random"),
            Topic = new TopicInfo(partitions, 1, new Dictionary<string, string>()),
            Producers = new ProducersInfo(producers, "native", 1 << 20, linger, "leader", 5, compression),
        };

        // The first of a batch waits for the linger, and so do half of the others on the average; unless batches are several lingers long, because
        // somebody waited for a processor. Not in all of twenty passes.
        int passes = 0;
        while (LingerSeen() < linger * 1e6 / 4)
        {
            Assert.True(++passes < 20);
        }

        double LingerSeen()
        {
            AnswerPass pass = AnswerProbe.Run(scenario, WarmUp, Length, TestContext.Current.CancellationToken);
            Assert.InRange(pass.Publish.Count, (rate * Length.TotalSeconds) - producers, (rate * Length.TotalSeconds) + producers);
            Assert.Equal(pass.Publish.Count, pass.SealedPublish.Count);
            Assert.True(pass.SealedPublish.MeanMicros <= pass.Publish.MeanMicros);
            Assert.True(pass.Publish.MaxMicros >= linger * 1e6);
            return pass.Publish.MeanMicros - pass.SealedPublish.MeanMicros;
        }
    }

    [Fact]
    public void What_comes_late_is_waited_for()
    {
        // Many times what one thread can make in the time: all of it counts all the same.
        const int Rate = 200_000_000;
        TimeSpan length = TimeSpan.FromMilliseconds(10);
        AnswerPass pass = AnswerProbe.Run(Open("inject", Rate), TimeSpan.Zero, length, TestContext.Current.CancellationToken);
        Assert.InRange(pass.Publish.Count, (Rate * length.TotalSeconds) - 1, (Rate * length.TotalSeconds) + 1);
    }

    [Fact]
    public void A_ramp_counts_at_its_highest_rate()
    {
        ScenarioInfo scenario = Open("ramping_inject", 1_000) with { Load = [LoadRun.Phase("ramping_inject", 1, 1_000, 10_000), LoadRun.Phase("pause", 1)] };
        AnswerPass pass = AnswerProbe.Run(scenario, WarmUp, Length, TestContext.Current.CancellationToken);
        Assert.InRange(pass.Publish.Count, 1_999, 2_001);
    }

    [Fact]
    public void It_is_for_open_loads_whose_messages_are_acknowledged()
    {
        Assert.True(AnswerProbe.IsFor(Open("inject", 1_000)));
        Assert.True(AnswerProbe.IsFor(LoadRun.Scenario() with { Load = [LoadRun.Phase("saturate", 1), LoadRun.Phase("inject", 1, 10)] }));
        Assert.False(AnswerProbe.IsFor(LoadRun.Scenario()));
        Assert.False(AnswerProbe.IsFor(LoadRun.Scenario(acks: "none") with { Load = [LoadRun.Phase("inject", 1, 10)] }));
        ScenarioInfo replayed = Open("inject", 1_000);
        Assert.False(AnswerProbe.IsFor(replayed with { Producers = replayed.Producers with { Client = "replay" } }));
    }

    [Fact]
    public void Two_passes_are_one_and_one_is_not_two()
    {
        AnswerPass one = AnswerProbe.Run(Open("inject", 1_000), TimeSpan.Zero, Length, TestContext.Current.CancellationToken);
        AnswerPass other = AnswerProbe.Run(Open("inject", 1_000), TimeSpan.Zero, Length, TestContext.Current.CancellationToken);
        AnswerPass both = AnswerPass.Merge(one, other);
        Assert.Equal(one.Publish.Count + other.Publish.Count, both.Publish.Count);
        Assert.Equal(one.SealedPublish.Count + other.SealedPublish.Count, both.SealedPublish.Count);
        Assert.Equal(Math.Max(one.Publish.MaxMicros, other.Publish.MaxMicros), both.Publish.MaxMicros);
        Assert.Same(one, AnswerPass.Merge(one, one));
    }

    [Fact]
    public void Cancelled_it_ends() => Assert.ThrowsAny<OperationCanceledException>(
        () => AnswerProbe.Run(Open("inject", 1_000), WarmUp, TimeSpan.FromMinutes(10), new CancellationTokenSource(20).Token));

    [Fact]
    public void A_client_that_never_comes_or_breaks_off_within_a_request_leaves_nothing_running()
    {
        using AnsweringBroker broker = new(connections: 2, partitions: 1);
        using (FileDescriptor client = Sockets.Connect(IPEndPoint.Parse(broker.Address)))
        {
            Assert.Equal(6, Sockets.Send(client, [0, 0, 1, 0, 7, 7]));
        }

        // Dispose waits for both threads: the one that nobody came to, and the one whose client is gone.
    }

    private static ScenarioInfo Open(string shape, double rate) => LoadRun.Scenario() with { Load = [LoadRun.Phase(shape, 1, rate)] };
}
