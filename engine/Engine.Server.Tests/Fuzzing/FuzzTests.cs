using System.Globalization;
using System.Net;

namespace Engine.Server.Tests.Fuzzing;

/// <summary>
/// What no client sends: the engine stays up, its memory returns to where it was, what it stores is sound, and others do not notice. The seed is
/// printed; <c>FUZZ_SEED</c> sets it.
/// </summary>
public sealed class FuzzTests(ITestOutputHelper output) : IDisposable
{
    private const int Sample = 20_000;
    private const int Long = 1_000_000;
    private const int FramesAtOnceMax = 6;
    private const long MiB = 1 << 20;

    /// <summary>The engine's heap may never take more, or the process ends.</summary>
    private const long HeapBytesMax = 400 * MiB;

    /// <summary>How much more may be resident behind the frames than in front of them: what the collector keeps for the next allocations.</summary>
    private const long ResidentGrowthBytesMax = 160 * MiB;

    /// <summary>How much more the heap may hold, collected.</summary>
    private const long HeapGrowthBytesMax = 32 * MiB;

    private static readonly string[] Settings =
    [
        "--set", "partitions.max=400", "--set", "topics.max=200", "--set", "queued.max.request.bytes=67108864",
        "--set", "queued.max.response.bytes=67108864", "--set", "num.network.threads=2",
    ];

    private readonly TemporaryDirectory _data = new();

    public void Dispose() => _data.Dispose();

    [Theory]
    [InlineData("batch")]
    [InlineData("full")]
    public Task A_sample_of_mutated_frames_harms_nobody(string validation) => Run(Sample / 2, validation);

    [Theory]
    [Trait("Category", "Long")]
    [InlineData("batch")]
    [InlineData("full")]
    public Task A_million_mutated_frames_harm_nobody(string validation) => Run(Long / 2, validation);

    private async Task Run(int frames, string validation)
    {
        int seed = int.TryParse(Environment.GetEnvironmentVariable("FUZZ_SEED"), CultureInfo.InvariantCulture, out int given)
            ? given
            : Random.Shared.Next();
        output.WriteLine($"FUZZ_SEED={seed}");
        using EngineProcess engine = EngineProcess.StartUnder(
            ["env", $"DOTNET_GCHeapHardLimit={HeapBytesMax:x}"], _data.Path, [.. Settings, "--set", $"record.validation={validation}"]);
        Random random = new(seed);
        FrameMutator mutator = new(random, FuzzSeeds.Record(engine.EndPoint));
        using WatchedClient watched = new(engine.EndPoint);
        try
        {
            Send(engine.EndPoint, mutator, random, frames / 10);
            double heap = await engine.ReadMetric("dotnet_gc_collected_heap_bytes");
            double resident = await engine.ReadMetric("process_resident_memory_bytes");
            Send(engine.EndPoint, mutator, random, frames - (frames / 10));
            watched.Stop();
            Assert.True(watched.Exchanges > 0);
            output.WriteLine($"{watched.Exchanges} exchanges beside {frames} frames, {StoredLogs.AssertSound(engine.EndPoint)} batches stored");
            await AssertAtRest(engine);
            Assert.InRange(await engine.ReadMetric("dotnet_gc_collected_heap_bytes"), 1, heap + HeapGrowthBytesMax);
            Assert.InRange(await engine.ReadMetric("process_resident_memory_bytes"), 1, resident + ResidentGrowthBytesMax);
        }
        catch (Exception failure)
        {
            throw new InvalidOperationException($"FUZZ_SEED={seed}: {failure.Message}\n{engine.Errors}", failure);
        }

        Assert.DoesNotContain("event=fault", engine.Errors, StringComparison.Ordinal);
        Assert.Equal(0, engine.Terminate());
        using EngineProcess again = EngineProcess.Start(_data.Path);
        Assert.True(StoredLogs.AssertSound(again.EndPoint) > 0);
    }

    /// <summary>Nothing of the peers is left: connections, buffers, answers, places in lists.</summary>
    private static async Task AssertAtRest(EngineProcess engine)
    {
        const int WatchedOnly = 1;
        DateTime end = DateTime.UtcNow.AddSeconds(30);
        while (await engine.ReadMetric("engine_connections") > WatchedOnly && DateTime.UtcNow < end)
        {
            await Task.Delay(20);
        }

        Assert.Equal(WatchedOnly, await engine.ReadMetric("engine_connections"));
        Assert.Equal(0, await engine.ReadMetric("engine_request_buffer_bytes"));
        Assert.Equal(0, await engine.ReadMetric("engine_unsent_answer_bytes"));
    }

    private static void Send(IPEndPoint engine, FrameMutator mutator, Random random, int frames)
    {
        FuzzPeer peer = new(engine, random);
        for (int sent = 0; sent < frames;)
        {
            int together = Math.Min(random.Next(1, FramesAtOnceMax + 1), frames - sent);
            peer.Exchange([.. Enumerable.Range(0, together).SelectMany(_ => mutator.Next())]);
            sent += together;
        }
    }
}
