using System.Buffers.Binary;
using Engine.Wire;

namespace Engine.Server.Tests.Limits;

/// <summary>What happens past each limit on connections and on what they hold; and that the engine goes on.</summary>
public sealed class ConnectionLimitTests
{
    private const int MiB = 1 << 20;

    [Theory]
    [InlineData("max.connections=3")]
    [InlineData("max.connections.per.ip=3")]
    public async Task Past_the_most_connections_a_new_one_is_closed_and_the_open_ones_go_on(string limit)
    {
        using LimitedEngine engine = new(limit);
        using TestClient first = engine.Connect();
        using TestClient second = engine.Connect();
        using (TestClient third = engine.Connect())
        {
            AssertServed(first);
            AssertServed(second);
            AssertServed(third);
            using TestClient fourth = engine.Connect();
            Assert.Null(fourth.ReceiveFrame());
            engine.AssertLogged($"event=limit peer=127.0.0.1");
            AssertServed(first);
        }

        await engine.AssertMetric("engine_connections", open => open == 2);
        using TestClient again = engine.Connect();
        AssertServed(again);
        Assert.Equal(1, await engine.ReadMetric("engine_connections_refused_total"));
    }

    [Fact]
    public void An_idle_connection_is_closed_also_when_its_fetch_waits_and_one_in_use_is_not()
    {
        using LimitedEngine engine = new("connections.max.idle.ms=5000");
        using TestClient used = engine.Connect();
        used.CreateTopic("t");
        using TestClient idle = engine.Connect();
        AssertServed(idle);
        using TestClient parked = engine.Connect();
        parked.SendFetch("t", 0, maxWaitMs: int.MaxValue);
        for (int closed = 0; closed < 2;)
        {
            AssertServed(used);
            closed = engine.Log.Split("event=expired").Length - 1;
        }

        Assert.Null(idle.ReceiveFrame());
        Assert.Null(parked.ReceiveFrame());
        AssertServed(used);
        Assert.Contains("connections.max.idle.ms (5000)", engine.Log, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Half_a_request_that_gets_no_further_and_an_answer_that_is_not_read_are_closed_and_an_idle_connection_is_not()
    {
        using LimitedEngine engine = new("connections.max.stalled.ms=3000", "connections.max.idle.ms=-1");
        using TestClient idle = engine.Connect();
        AssertServed(idle);
        using TestClient half = engine.Connect();
        half.SendRaw([0, 0, 0, 100, 0, 3]);
        using TestClient deaf = engine.Connect();
        FillWithAnswers(deaf, idle, "t");
        engine.AssertLogged("request got no further");
        engine.AssertLogged("answer was not read");
        Assert.Null(half.ReceiveFrame());
        AssertServed(idle);
        await engine.AssertMetric("engine_connections_expired_total{reason=\"stalled\"}", stalled => stalled == 2);
    }

    [Theory]
    [InlineData(ApiKey.Metadata, 16 * MiB + 1)]
    [InlineData(ApiKey.Produce, 100 * MiB + 1)]
    [InlineData(ApiKey.Produce, int.MaxValue)]
    [InlineData(ApiKey.Produce, -2)]
    public void A_length_over_its_limit_closes_before_the_bytes_come(ApiKey key, int length)
    {
        using LimitedEngine engine = new();
        using TestClient client = engine.Connect();
        client.SendRaw(Beginning(key, length));
        Assert.Null(client.ReceiveFrame());
        engine.AssertLogged($"request of {length} bytes");
    }

    [Fact]
    public async Task A_claimed_length_takes_no_memory()
    {
        const int Claimants = 200;
        using LimitedEngine engine = new();
        List<TestClient> clients = [.. Enumerable.Range(0, Claimants).Select(_ => engine.Connect())];
        clients.ForEach(client => client.SendRaw(Beginning(ApiKey.Produce, 100 * MiB)));
        await engine.AssertMetric("engine_network_received_bytes_total", bytes => bytes >= Claimants * 6);
        await engine.AssertMetric("engine_request_buffer_bytes", bytes => bytes == Claimants * BufferPool.ParkedBytes);
        clients.ForEach(client => client.Dispose());
        await engine.AssertMetric("engine_request_buffer_bytes", bytes => bytes == 0);
    }

    [Fact]
    public async Task Past_the_queued_bytes_a_large_request_waits_until_others_are_done_and_small_ones_are_served()
    {
        using LimitedEngine engine = new("queued.max.request.bytes=1048576");
        using TestClient client = engine.Connect();
        client.CreateTopic("t", 1, ("max.message.bytes", "8000000"));
        byte[] batch = TestClient.Batch(new byte[3 * MiB]);
        using TestClient holder = engine.Connect();
        holder.SendRaw(Beginning(ApiKey.Produce, 8 * MiB));
        holder.SendRaw(new byte[3 * MiB]);
        await engine.AssertMetric("engine_request_buffer_bytes", bytes => bytes >= MiB);
        using TestClient waiter = engine.Connect();
        int sent = 0;
        Thread sender = new(() => sent = waiter.SendProduce("t", batch));
        sender.Start();
        engine.AssertLogged("queued.max.request.bytes (1048576)");
        AssertServed(client);
        Assert.Equal(0, client.Produce("t", TestClient.Batch([1])).BaseOffset);
        holder.Dispose();
        sender.Join();
        Assert.Equal(1, waiter.ReadProduce(sent).BaseOffset);
    }

    [Fact]
    public async Task Past_the_unread_answers_a_connection_is_closed_and_others_go_on()
    {
        using LimitedEngine engine = new("queued.max.response.bytes=1048576", "socket.send.buffer.bytes=4096");
        using TestClient client = engine.Connect();
        client.CreateTopic("many", 4000);
        using TestClient deaf = engine.Connect();
        WireBuffer request = new();
        for (int i = 0; i < 200; i++)
        {
            int start = Frames.BeginRequest(request, ApiKey.Metadata, 1, i, "deaf");
            MetadataRequest.Describe(ref request, new MetadataRequest { Topics = null }, 1);
            Frames.End(request, start);
        }

        deaf.SendRaw(request.Written);
        engine.AssertLogged("queued.max.response.bytes (1048576)");
        AssertServed(client);
        await engine.AssertMetric("engine_unsent_answer_bytes", bytes => bytes == 0);
    }

    [Fact]
    public async Task Hundreds_of_idle_and_slow_connections_hold_nothing_and_others_are_served()
    {
        const int Idle = 300;
        const int Slow = 20;
        using LimitedEngine engine = new("socket.send.buffer.bytes=4096");
        using TestClient client = engine.Connect();
        List<TestClient> idle = [.. Enumerable.Range(0, Idle).Select(_ => engine.Connect())];
        idle.ForEach(AssertServed);
        List<TestClient> slow = [.. Enumerable.Range(0, Slow).Select(_ => engine.Connect())];
        for (int i = 0; i < Slow; i++)
        {
            FillWithAnswers(slow[i], client, $"slow-{i}");
        }

        await engine.AssertMetric("engine_connections", open => open == 1 + Idle + Slow);
        Assert.InRange(await engine.ReadMetric("engine_unsent_answer_bytes"), 0, Slow * 1000);
        Assert.InRange(await engine.ReadMetric("engine_request_buffer_bytes"), 0, Slow * BufferPool.SmallestBytes);
        client.CreateTopic("t");
        Assert.Equal(0, client.Produce("t", TestClient.Batch([1])).BaseOffset);
        idle.ForEach(connection => connection.Dispose());
        slow.ForEach(connection => connection.Dispose());
        await engine.AssertMetric("engine_connections", open => open == 1);
    }

    /// <summary>Asks for more than socket buffers hold, and reads nothing.</summary>
    private static void FillWithAnswers(TestClient deaf, TestClient producer, string topic)
    {
        producer.CreateTopic(topic);
        for (int i = 0; i < 10; i++)
        {
            producer.Produce(topic, TestClient.Batch(new byte[900_000]));
        }

        deaf.SendFetch(topic, 0, maxBytes: 50 * MiB);
        deaf.SendFetch(topic, 0, maxBytes: 50 * MiB);
    }

    private static byte[] Beginning(ApiKey key, int length)
    {
        byte[] beginning = new byte[6];
        BinaryPrimitives.WriteInt32BigEndian(beginning, length);
        BinaryPrimitives.WriteInt16BigEndian(beginning.AsSpan(4), (short)key);
        return beginning;
    }

    private static void AssertServed(TestClient client) => Assert.NotEmpty(
        client.Ask<ApiVersionsRequest, ApiVersionsResponse>(ApiKey.ApiVersions, 0, new ApiVersionsRequest()).Apis);
}
