using System.Net;
using System.Net.Sockets;
using Engine.Wire;

namespace Engine.Server.Tests.Limits;

/// <summary>
/// Ten thousand idle connections and a hundred readers that do not read, against an engine that is a process of its own: bounded memory, and the others
/// do not notice.
/// </summary>
[Trait("Category", "Long")]
public sealed class ManyConnectionsTests(ITestOutputHelper output) : IDisposable
{
    private const int Idle = 10_000;
    private const int Slow = 100;

    /// <summary>What docs/engine.md states; the kernel's socket buffers are not in it.</summary>
    private const int BytesPerIdleConnectionMax = 4096;
    private const long BytesOfSlowReadersMax = 32 << 20;
    private const long HeapGrowthMax = 64 << 20;

    private readonly TemporaryDirectory _data = new();

    public void Dispose() => _data.Dispose();

    [Fact]
    public async Task Ten_thousand_idle_connections_and_a_hundred_slow_readers_cost_bounded_memory()
    {
        Assert.SkipUnless(OpenFilesMax() > Idle + 1000, $"ulimit -n is {OpenFilesMax()}; this needs {Idle + 1000}");
        using EngineProcess engine = EngineProcess.Start(_data.Path);
        using TestClient client = new(engine.EndPoint);
        client.CreateTopic("t");
        byte[] batch = TestClient.Batch(new byte[900_000]);
        for (int i = 0; i < 20; i++)
        {
            client.Produce("t", batch);
        }

        double before = await engine.ReadMetric("process_resident_memory_bytes");
        List<Socket> sockets = [];
        try
        {
            for (int i = 0; i < Idle; i++)
            {
                sockets.Add(Connect(engine.EndPoint, i));
            }

            await AssertOpen(engine, 1 + Idle);
            double idle = await engine.ReadMetric("process_resident_memory_bytes");
            output.WriteLine($"{(idle - before) / Idle:F0} bytes for each idle connection");
            Assert.InRange(idle - before, 0, ((long)Idle * BytesPerIdleConnectionMax) + HeapGrowthMax);
            for (int i = 0; i < Slow; i++)
            {
                Socket slow = Connect(engine.EndPoint, i);
                sockets.Add(slow);
                WireBuffer request = new();
                FetchClient.WriteRequest(request, 1, "slow", 0, 1, 50 << 20, "t", [new FetchPartition(0, -1, 0, 50 << 20)]);
                slow.Send(request.Written);
            }

            await AssertOpen(engine, 1 + Idle + Slow);
            for (int i = 0; i < 100; i++)
            {
                ProduceResult produced = client.Produce("t", TestClient.Batch([1]));
                Assert.Equal(ErrorCode.None, produced.Error);
                Assert.Equal(ErrorCode.None, client.Fetch("t", produced.BaseOffset).Error);
            }

            double all = await engine.ReadMetric("process_resident_memory_bytes");
            output.WriteLine($"{(all - idle) / Slow:F0} bytes for each reader that does not read");
            Assert.InRange(all - idle, double.MinValue, BytesOfSlowReadersMax);
            Assert.InRange(await engine.ReadMetric("engine_unsent_answer_bytes"), 0, Slow * 1000);
        }
        finally
        {
            sockets.ForEach(socket => socket.Dispose());
        }

        await AssertOpen(engine, 1);
        Assert.Equal(0, await engine.ReadMetric("engine_request_buffer_bytes"));
        Assert.Equal(0, engine.Terminate());
    }

    /// <summary>The hard limit: a .NET process raises its own to it.</summary>
    private static long OpenFilesMax()
    {
        string line = File.ReadLines("/proc/self/limits").First(l => l.StartsWith("Max open files", StringComparison.Ordinal));
        string hard = line.Split(' ', StringSplitOptions.RemoveEmptyEntries)[4];
        return hard == "unlimited" ? long.MaxValue : long.Parse(hard, System.Globalization.CultureInfo.InvariantCulture);
    }

    private static Socket Connect(IPEndPoint engine, int number)
    {
        Socket socket = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { LingerState = new LingerOption(enable: true, seconds: 0) };
        socket.Bind(new IPEndPoint(new IPAddress(new byte[] { 127, 0, 2, (byte)(1 + (number % 50)) }), 0));
        socket.Connect(engine);
        return socket;
    }

    private static async Task AssertOpen(EngineProcess engine, int connections)
    {
        DateTime end = DateTime.UtcNow.AddSeconds(60);
        double open;
        while ((open = await engine.ReadMetric("engine_connections")) != connections)
        {
            Assert.True(DateTime.UtcNow < end, $"{open} connections, not {connections}");
            await Task.Delay(50);
        }
    }
}
