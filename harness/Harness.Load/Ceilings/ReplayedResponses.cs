using Engine.Linux;
using Engine.Wire;

namespace Harness.Load;

/// <summary>
/// Fetch responses as a broker would send them for a trial of this plan, encoded beforehand: one producer's messages, partition by partition in
/// turn, batches as large as the plan's, several to a response.
/// </summary>
internal sealed class ReplayedResponses
{
    private readonly List<byte[]> _frames = [];
    private readonly long[] _nextOffsets;

    /// <param name="bytes">Of batches before they are compressed, about.</param>
    public ReplayedResponses(LoadPlan plan, string topic, long bytes, int responseBytes)
    {
        _nextOffsets = new long[plan.Partitions];
        ValueStream[] streams = [.. Enumerable.Range(0, plan.Partitions).Select(partition => new ValueStream(plan.Seed, 0, partition))];
        RecordBatchBuilder builder = new();
        using BatchSealer sealer = new(plan.Compression, plan.BatchBytes);
        byte[] buffer = new byte[sealer.RoomBytes + RecordBatchBuilder.ScratchBytes];
        int batches = Math.Max(1, responseBytes / plan.BatchBytes);
        int partition = 0;
        for (long made = 0; made < bytes; partition = (partition + 1) % plan.Partitions)
        {
            List<byte[]> records = [];
            for (int i = 0; i < batches; i++)
            {
                records.Add(Encode(plan, builder, sealer, buffer, streams[partition], partition));
            }

            _frames.Add(Frame(topic, partition, records, _nextOffsets[partition]));
            made += (long)batches * plan.BatchBytes;
        }
    }

    public IReadOnlyList<byte[]> Frames => _frames;

    /// <summary>Messages in a partition.</summary>
    public long Messages(int partition) => _nextOffsets[partition];

    private byte[] Encode(LoadPlan plan, RecordBatchBuilder builder, BatchSealer sealer, byte[] buffer, ValueStream stream, int partition)
    {
        long baseOffset = _nextOffsets[partition];
        long timestampMs = DateTimeOffset.UtcNow.ToUnixTimeMilliseconds();
        int stampEvery = plan.HasOpenPhase ? 1 : StampCadence.MessagesMax;
        long stampNanos = MonotonicClock.Nanos();
        builder.Begin(buffer, 0, plan.BatchBytes, timestampMs);
        while (builder.Count < plan.BatchRecords && builder.TryAppend(new ValueRun(stream, stampNanos, plan.ValueBytes).Value(baseOffset + builder.Count)))
        {
            stampNanos += builder.Count % stampEvery == 0 ? 1 : 0;
        }

        Span<byte> batch = sealer.Seal(builder);
        RecordBatch.Assign(batch, baseOffset, 0);
        _nextOffsets[partition] += builder.Count;
        return batch.ToArray();
    }

    private static byte[] Frame(string topic, int partition, List<byte[]> batches, long highWatermark)
    {
        WireBuffer frame = new();
        WriteHead(frame, topic, partition, highWatermark, batches.Sum(static batch => batch.Length));
        foreach (byte[] batch in batches)
        {
            frame.WriteRaw(batch);
        }

        return frame.Written.ToArray();
    }

    /// <summary>All of a Fetch response of one partition that stands before its batches, its own length not included.</summary>
    internal static void WriteHead(WireBuffer frame, string topic, int partition, long highWatermark, int batchesBytes)
    {
        frame.WriteInt32(0); // correlation id: each replay asks as 0
        frame.WriteInt32(0); // throttle time
        frame.WriteInt16((short)ErrorCode.None);
        frame.WriteInt32(0); // session
        frame.WriteArrayLength(1);
        frame.WriteString(topic);
        frame.WriteArrayLength(1);
        frame.WriteInt32(partition);
        frame.WriteInt16((short)ErrorCode.None);
        frame.WriteInt64(highWatermark);
        frame.WriteInt64(highWatermark);
        frame.WriteInt64(0); // log start offset
        frame.WriteArrayLength(-1); // aborted transactions
        frame.WriteInt32(-1); // preferred read replica
        frame.WriteInt32(batchesBytes);
    }
}
