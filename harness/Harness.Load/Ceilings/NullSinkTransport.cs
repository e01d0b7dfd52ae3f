using Engine.Wire;

namespace Harness.Load;

/// <summary>
/// A broker that takes every frame at once, looks at nothing but what its answer needs, and acknowledges with running offsets. Its
/// answers are real frames: the producer reads them as it reads a broker's. Belongs to the producer's thread.
/// </summary>
internal sealed class NullSinkTransport(int partitions) : IProduceTransport
{
    private readonly long[] _nextOffsets = new long[partitions];
    private readonly WireBuffer _answers = new(4096);

    public string Address => "the null sink";

    public int Send(ReadOnlySpan<byte> bytes)
    {
        WireReader reader = new(bytes);
        reader.ReadInt32();
        RequestHeader header = RequestHeader.Read(ref reader);
        RequestHeader.ReadRest(ref reader, flexible: false);
        int bodyAt = reader.Position;
        ProduceRequestReader request = new(reader);
        request.NextTopic(out ReadOnlySpan<byte> topic, out _);
        request.NextPartition(out int partition, out int recordsAt, out int recordsBytes);
        if (request.Acks == (short)Acks.None)
        {
            return bytes.Length;
        }

        // Where records begin is counted as the reader counts, which began at the frame's start.
        ReadOnlySpan<byte> batch = bytes.Slice(recordsAt, recordsBytes);
        System.Diagnostics.Debug.Assert(recordsAt > bodyAt, "records lie behind the body's beginning");
        long baseOffset = _nextOffsets[partition];
        _nextOffsets[partition] += RecordBatch.RecordCount(batch);
        Answer(header.CorrelationId, topic, partition, baseOffset);
        return bytes.Length;
    }

    public int Receive(Span<byte> into)
    {
        int count = Math.Min(into.Length, _answers.Length);
        if (count == 0)
        {
            return 0;
        }

        _answers.Written[..count].CopyTo(into);
        if (count < _answers.Length)
        {
            throw new InvalidOperationException("answers are read before they fill a receive buffer");
        }

        _answers.Clear();
        return count;
    }

    public void Wait(bool forSending, long timeoutNanos)
    {
        // Nothing is ever under way here, so there is nothing to wait for.
    }

    public void Dispose()
    {
    }

    private void Answer(int correlationId, ReadOnlySpan<byte> topic, int partition, long baseOffset)
    {
        int start = Frames.BeginResponse(_answers, ApiKey.Produce, ProduceClient.Version, correlationId);
        _answers.WriteArrayLength(1);
        _answers.WriteStringBytes(topic);
        _answers.WriteArrayLength(1);
        _answers.WriteInt32(partition);
        _answers.WriteInt16((short)ErrorCode.None);
        _answers.WriteInt64(baseOffset);
        _answers.WriteInt64(-1); // log append time: the producer's own
        _answers.WriteInt64(0); // log start offset
        _answers.WriteArrayLength(0); // record errors
        _answers.WriteNullableString(null);
        _answers.WriteInt32(0); // throttle time
        Frames.End(_answers, start);
    }
}
