using Engine.Linux;
using Engine.Wire;

namespace Harness.Load;

/// <summary>
/// One record batch, encoded once and sent as often as one likes: values of the scenario's size, checksum and compression included. Immutable,
/// so that any number of threads sends it.
/// </summary>
internal sealed class ReplayBatch
{
    public ReplayBatch(ReplayPlan plan)
    {
        using BatchSealer sealer = new(plan.Compression, plan.BatchBytes);
        byte[] buffer = new byte[sealer.RoomBytes + RecordBatchBuilder.ScratchBytes];
        RecordBatchBuilder builder = new();
        builder.Begin(buffer, 0, plan.BatchBytes, DateTimeOffset.UtcNow.ToUnixTimeMilliseconds());
        ValueRun values = new(new ValueStream(plan.Seed, 0, 0), MonotonicClock.Nanos(), plan.ValueBytes);
        while (builder.TryAppend(values.Value(builder.Count)))
        {
        }

        if (builder.Count == 0)
        {
            throw new ArgumentException($"a value of {plan.ValueBytes} bytes does not fit a batch of {plan.BatchBytes}");
        }

        Records = builder.Count;
        ReadOnlySpan<byte> batch = sealer.Seal(builder);
        Bytes = GC.AllocateUninitializedArray<byte>(batch.Length, pinned: true);
        batch.CopyTo(Bytes);
    }

    public byte[] Bytes { get; }

    public int Records { get; }
}
