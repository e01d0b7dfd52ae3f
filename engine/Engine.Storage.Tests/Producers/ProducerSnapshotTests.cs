using System.Diagnostics;
using Engine.Wire;

namespace Engine.Storage.Tests;

/// <summary>The bytes of a producer snapshot, which Kafka has to understand.</summary>
public sealed class ProducerSnapshotTests
{
    [Fact]
    public void What_is_written_is_what_is_read()
    {
        ProducerState[] written = [Producer(7, 3, batches: 9), Producer(8, 0, batches: 1), Producer(long.MaxValue, short.MaxValue, batches: 0)];
        Assert.True(ProducerSnapshot.TryDecode(ProducerSnapshot.Encode(written), out List<ProducerState>? read, out _));
        Assert.Equal(written.Select(Describe), read.Select(Describe));
    }

    [Fact]
    public void Of_Kafkas_own_snapshots_the_last_batch_is_known()
    {
        byte[] bytes = ProducerSnapshot.Encode([Producer(7, 3, batches: 5)]);
        byte[] kafkas = bytes[..(10 + 46)];
        System.Buffers.Binary.BinaryPrimitives.WriteUInt32BigEndian(kafkas.AsSpan(2), Crc32C.Compute(kafkas.AsSpan(6)));
        Assert.True(ProducerSnapshot.TryDecode(kafkas, out List<ProducerState>? read, out _));
        ProducerState one = Assert.Single(read);
        Assert.Equal((7L, (short)3, 1, 8), (one.ProducerId, one.Epoch, one.Count, one.LastSequence));
    }

    [Fact]
    public void Bytes_that_are_no_snapshot_are_refused_and_said_to_be_none()
    {
        byte[] good = ProducerSnapshot.Encode([Producer(7, 3, batches: 5), Producer(8, 3, batches: 2)]);
        Random random = new(1);
        for (int i = 0; i < 5000; i++)
        {
            byte[] bad = [.. good.AsSpan(0, random.Next(good.Length + 1))];
            for (int flips = random.Next(bad.Length == good.Length ? 1 : 0, 4); flips > 0 && bad.Length > 0; flips--)
            {
                bad[random.Next(bad.Length)] ^= (byte)random.Next(1, 256);
            }

            if (bad.Length >= 6 && random.Next(2) == 0)
            {
                // A checksum that fits does not make it sound.
                System.Buffers.Binary.BinaryPrimitives.WriteUInt32BigEndian(bad.AsSpan(2), Crc32C.Compute(bad.AsSpan(6)));
                ProducerSnapshot.TryDecode(bad, out _, out _);
            }
            else if (!bad.AsSpan().SequenceEqual(good))
            {
                Assert.False(ProducerSnapshot.TryDecode(bad, out _, out string? fault));
                Assert.NotEmpty(fault);
            }
        }
    }

    [Fact]
    public void Kafka_reads_the_snapshot_and_finds_the_last_batch_of_each_producer()
    {
        string? home = Environment.GetEnvironmentVariable("KAFKA_HOME");
        Assert.SkipWhen(string.IsNullOrEmpty(home), "KAFKA_HOME is not set");
        using StorageFixture storage = new();
        for (int i = 0; i < 8; i++)
        {
            storage.Produce(41, 2, 3 * i, records: 3);
            storage.Produce(42, 0, i);
        }

        storage.Stop(clean: true);
        string snapshot = Directory.GetFiles(storage.Folder, "*.snapshot").Max(StringComparer.Ordinal)!;
        using Process dump = Process.Start(new ProcessStartInfo(Path.Combine(home!, "bin", "kafka-dump-log.sh"), ["--files", snapshot])
        {
            RedirectStandardOutput = true,
        })!;
        string said = dump.StandardOutput.ReadToEnd();
        dump.WaitForExit();
        Assert.Contains("producerId: 41 producerEpoch: 2", said, StringComparison.Ordinal);
        Assert.Contains("firstSequence: 21 lastSequence: 23 lastOffset: 30", said, StringComparison.Ordinal);
        Assert.Contains("firstSequence: 7 lastSequence: 7 lastOffset: 31", said, StringComparison.Ordinal);
    }

    private static ProducerState Producer(long id, short epoch, int batches)
    {
        ProducerState state = new(id);
        state.SetEpoch(epoch, 5);
        for (int i = 0; i < batches; i++)
        {
            state.Add(new RememberedBatch((2 * i) + 0, 100 + i, 1, 1000 + i));
        }

        return state;
    }

    private static string Describe(ProducerState state) =>
        $"{state.ProducerId} {state.Epoch} {state.LastTimestampMs} {string.Join(';', Enumerable.Range(0, state.Count).Select(i => state[i]))}";
}
