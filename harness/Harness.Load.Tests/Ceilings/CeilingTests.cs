using Results;

namespace Harness.Load.Tests;

public class CeilingTests
{
    private static readonly CeilingOptions Short = new()
    {
        Passes = 2,
        PassLength = TimeSpan.FromMilliseconds(100),
        WarmUp = TimeSpan.FromMilliseconds(20),
    };

    [Theory]
    [InlineData(30, 1, 1)]
    [InlineData(1024, 2, 2)]
    [InlineData(8, 1, 1)]
    public void The_null_sink_carries_what_the_scenario_describes(int valueBytes, int partitions, int producers)
    {
        Ceiling ceiling = NullSinkProbe.Run(
            LoadRun.Scenario(valueBytes, partitions, producers), Short, TestContext.Current.CancellationToken);
        Check(ceiling, CeilingKinds.NullSink, valueBytes);
    }

    [Theory]
    [InlineData(30, 1)]
    [InlineData(1024, 2)]
    [InlineData(8, 1)]
    public void The_null_source_verifies_what_it_replays(int valueBytes, int partitions)
    {
        Ceiling ceiling = NullSourceProbe.Run(LoadRun.Scenario(valueBytes, partitions), Short, TestContext.Current.CancellationToken);
        Check(ceiling, CeilingKinds.NullSource, valueBytes);
    }

    [Theory]
    [InlineData("inject", "none")]
    [InlineData("ramping_inject", "none")]
    [InlineData("keep_constant", "none")]
    [InlineData("pause", "none")]
    [InlineData("saturate", "gzip")]
    [InlineData("saturate", "snappy")]
    [InlineData("inject", "lz4")]
    [InlineData("inject", "zstd")]
    public void Every_shape_and_codec_has_its_ceilings(string shape, string compression)
    {
        ScenarioInfo plain = LoadRun.Scenario();
        LoadPhaseInfo phase = LoadRun.Phase(shape, 1, 1000, 0, 10);
        ScenarioInfo scenario = plain with
        {
            Load = shape == "pause" ? [LoadRun.Phase("inject", 1, 1000), phase] : [phase],
            Producers = plain.Producers with { Compression = compression },
        };
        Ceiling sink = NullSinkProbe.Run(scenario, Short, TestContext.Current.CancellationToken);
        Ceiling source = NullSourceProbe.Run(scenario, Short, TestContext.Current.CancellationToken);
        Assert.True(sink.MessagesPerSecond > 1_000, "the schedule of 1,000 a second does not bound the ceiling");
        Assert.True(source.MessagesPerSecond > 0);
        foreach (Ceiling ceiling in (Ceiling[])[sink, source])
        {
            Assert.Equal(compression != "none", ceiling.Description.Contains($"compressed with {compression}", StringComparison.Ordinal));

            // Headers of values do compress, fillers do not.
            Assert.InRange(ceiling.BytesPerSecond / ceiling.MessagesPerSecond!.Value, compression == "none" ? 36 : 10, compression == "none" ? 45 : 40);
        }
    }

    [Fact]
    public void Without_consumers_there_is_no_null_source() =>
        Assert.Throws<ArgumentException>(() => NullSourceProbe.Run(
            LoadRun.Scenario(mode: "none"), Short, TestContext.Current.CancellationToken));

    [Fact]
    public void A_cancelled_probe_ends()
    {
        CancellationToken cancelled = new(canceled: true);
        Assert.ThrowsAny<OperationCanceledException>(() => NullSinkProbe.Run(LoadRun.Scenario(), Short, cancelled));
        Assert.ThrowsAny<OperationCanceledException>(() => NullSourceProbe.Run(LoadRun.Scenario(), Short, cancelled));
    }

    private static void Check(Ceiling ceiling, string kind, int valueBytes)
    {
        Assert.Equal(kind, ceiling.Kind);
        Assert.Equal(2, ceiling.PassesBytesPerSecond.Count);
        Assert.Equal(ceiling.PassesBytesPerSecond.Average(), ceiling.BytesPerSecond, 1e-3 * ceiling.BytesPerSecond);

        // Framing adds 7 to 12 bytes to a value, a batch's header little.
        Assert.InRange(ceiling.BytesPerSecond / ceiling.MessagesPerSecond!.Value, valueBytes + 6, valueBytes + 15);
    }
}
