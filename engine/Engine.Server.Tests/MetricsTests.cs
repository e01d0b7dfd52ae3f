using Engine.Server.Tests.Limits;
using Engine.Wire;

namespace Engine.Server.Tests;

/// <summary>The metrics page counts what happened.</summary>
public sealed class MetricsTests
{
    [Fact]
    public async Task Requests_and_errors_are_counted_by_api()
    {
        using LimitedEngine engine = new();
        using TestClient client = engine.Connect();
        client.CreateTopic("t", 3);
        byte[] batch = TestClient.Batch(new byte[1000]);
        client.Produce("t", batch);
        client.Produce("t", batch);
        Assert.Equal(ErrorCode.UnknownTopicOrPartition, client.Produce("t", batch, partition: 7).Error);
        Assert.Equal(ErrorCode.OffsetOutOfRange, client.Fetch("t", 9).Error);
        await engine.AssertMetric("engine_api_requests_total{api=\"Produce\"}", count => count == 3);
        await engine.AssertMetric("engine_api_errors_total{api=\"Produce\",error=\"UnknownTopicOrPartition\"}", count => count == 1);
        await engine.AssertMetric("engine_api_errors_total{api=\"Fetch\",error=\"OffsetOutOfRange\"}", count => count == 1);
        await engine.AssertMetric("engine_requests_total", count => count == 5);
        await engine.AssertMetric("engine_produce_bytes_total", bytes => bytes == 2 * batch.Length);
        await engine.AssertMetric("engine_topic_log_bytes{topic=\"t\"}", bytes => bytes == 2 * batch.Length);
        await engine.AssertMetric("engine_partitions", partitions => partitions == 3);
        await engine.AssertMetric("engine_network_sent_bytes_total", bytes => bytes > 0);
    }

    [Fact]
    public async Task Each_collection_is_counted_with_its_pause()
    {
        using LimitedEngine engine = new();
        for (int expected = 1; expected <= 3; expected++)
        {
            GC.Collect();
            GC.WaitForPendingFinalizers();
            await engine.AssertMetric("dotnet_gc_pause_seconds_count", count => count >= expected);
        }

        double paused = GC.GetTotalPauseDuration().TotalSeconds;
        await engine.AssertMetric("dotnet_gc_pause_seconds_sum", seconds => seconds >= paused);
        await engine.AssertMetric("dotnet_gc_pause_seconds_bucket{le=\"+Inf\"}", count => count >= 3);
        await engine.AssertMetric("dotnet_gc_pause_seconds_bucket{le=\"0.00001\"}", count => count >= 0);
    }
}
