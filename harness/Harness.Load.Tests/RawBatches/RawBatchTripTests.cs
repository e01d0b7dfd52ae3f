using Engine.Wire;

namespace Harness.Load.Tests.RawBatches;

public sealed class RawBatchTripTests
{
    [Fact]
    public void Base_offset_and_leader_epoch_are_the_brokers_and_every_other_byte_is_compared()
    {
        byte[] sent = Batch();
        byte[] served = [.. sent];
        RecordBatch.Assign(served, 77, 5);
        Assert.True(RawBatchTrip.Same(sent, served));
        foreach (int at in (int[])[RecordBatch.LengthAt, RecordBatch.MagicAt, RecordBatch.CrcAt, RecordBatch.MaxTimestampAt, RecordBatch.HeaderBytes, sent.Length - 1])
        {
            byte[] changed = [.. served];
            changed[at] ^= 1;
            Assert.False(RawBatchTrip.Same(sent, changed), $"byte {at}");
        }

        Assert.False(RawBatchTrip.Same(sent, served.AsSpan(0, served.Length - 1)));
    }

    [Fact]
    public void A_file_holds_a_batch_wherever_it_lies_and_only_whole()
    {
        byte[] sent = Batch();
        byte[] stored = [.. sent];
        RecordBatch.Assign(stored, 1_000_000, 3);
        byte[] file = [.. Batch(), .. stored, .. new byte[100]];
        Assert.True(RawBatchTrip.Holds(file, sent));
        Assert.False(RawBatchTrip.Holds(file.AsSpan(0, file.Length - 101), sent));
        Assert.False(RawBatchTrip.Holds([], sent));
    }

    private static byte[] Batch()
    {
        byte[] buffer = new byte[1000 + RecordBatchBuilder.ScratchBytes];
        RecordBatchBuilder builder = new();
        builder.Begin(buffer, 0, 1000, 1_700_000_000_000 + Random.Shared.Next());
        while (builder.TryAppend(new Value()))
        {
        }

        return builder.Seal().ToArray();
    }

    private readonly struct Value : IRecordValue
    {
        public int Length => 8;

        public void Write(ref byte destination) => System.Runtime.CompilerServices.Unsafe.WriteUnaligned(ref destination, Random.Shared.NextInt64());
    }
}
