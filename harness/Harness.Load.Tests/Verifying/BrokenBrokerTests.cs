using Engine.Wire;
using Results;

namespace Harness.Load.Tests;

/// <summary>A broker that breaks one message of a million is called invalid, with what was broken and where.</summary>
public class BrokenBrokerTests
{
    private const int Messages = 1_000_000;
    private const long Offset = 567_890;

    [Fact]
    public void An_undamaged_million_verifies()
    {
        using TestBroker broker = new();
        Verification verification = LoadRun.Run(broker, LoadRun.Scenario(), Messages).Verification;
        Assert.True(verification.Passed, string.Join("\n", verification.Violations));
        Assert.True(verification.Sent >= Messages);
        Assert.Equal(verification.Sent, verification.Acknowledged);
        Assert.Equal(verification.Sent, verification.Delivered);
        Assert.Equal(0, verification.Unacknowledged);
        Assert.Contains("every byte", verification.Depth, StringComparison.Ordinal);
    }

    [Fact]
    public void A_dropped_message_is_lost()
    {
        Violation violation = Break(Fault.DropMessage(0, Offset)).Only("lost", 1);
        AssertAt(violation);
    }

    [Fact]
    public void A_message_dropped_with_its_offset_is_lost()
    {
        Violation violation = Break(Fault.DropMessageAndOffset(0, Offset)).Only("lost", 1);
        AssertAt(violation);
    }

    [Fact]
    public void A_doubled_message_is_duplicated()
    {
        Violation violation = Break(Fault.DoubleMessage(0, Offset)).Only("duplicated", 1);
        AssertAt(violation with { Offset = violation.Offset - 1 });
    }

    [Fact]
    public void Two_swapped_messages_are_reordered()
    {
        Violation violation = Break(Fault.SwapMessages(0, Offset)).Only("reordered", 1);
        AssertAt(violation with { Offset = violation.Offset - 1 });
        Assert.Contains($"after sequence {Offset + 1}", violation.Detail, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(5)]
    [InlineData(13)]
    [InlineData(20)]
    [InlineData(29)]
    public void A_flipped_byte_is_damage_though_the_checksum_was_mended(int valueByte)
    {
        Violation violation = Break(Fault.FlipByte(0, Offset, valueByte, mend: true)).Only("damaged", 1);
        AssertAt(violation);
        string where = valueByte is >= ValueLayout.StampAt and < ValueLayout.HeaderBytes ? "the stamp" : $"byte {valueByte} of the value";
        Assert.Contains(where, violation.Detail, StringComparison.Ordinal);
        Assert.DoesNotContain("checksum", violation.Detail, StringComparison.Ordinal);
    }

    [Fact]
    public void A_flipped_byte_is_damage_found_by_the_checksum_too()
    {
        Violation violation = Break(Fault.FlipByte(0, Offset, 25, mend: false)).Only("damaged", 1);
        AssertAt(violation);
        Assert.Contains("byte 25 of the value", violation.Detail, StringComparison.Ordinal);
        Assert.Contains("checksum is wrong", violation.Detail, StringComparison.Ordinal);
    }

    [Fact]
    public void A_batch_doubled_is_duplicated()
    {
        int size = 0;
        Violation violation = Break(new Fault(0, Offset, place =>
        {
            size = RecordBatch.RecordCount(place.Batch);
            place.Log.Store(place.Batch);
            place.Log.Append([.. place.Batch]);
        })).Only("duplicated", size);
        Assert.Equal((0, 0), (violation.Partition, violation.Producer));
        Assert.InRange(Offset, violation.Sequence, violation.Sequence + violation.Count - 1);
    }

    [Fact]
    public void Two_batches_swapped_are_reordered()
    {
        int size = 0;
        Violation violation = Break(new Fault(0, Offset, place =>
        {
            size = RecordBatch.RecordCount(place.Batch);
            place.Hold(place.Batch, place.Log);
        })).Only("reordered", size);
        Assert.InRange(Offset, violation.Sequence, violation.Sequence + violation.Count - 1);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void A_batch_acknowledged_and_forgotten_is_lost(bool withOffsets)
    {
        int size = 0;
        Violation violation = Break(new Fault(0, Offset, place =>
        {
            size = RecordBatch.RecordCount(place.Batch);
            if (withOffsets)
            {
                place.Log.Skip(size);
            }
        })).Only("lost", size);
        Assert.InRange(Offset, violation.Sequence, violation.Sequence + violation.Count - 1);
        Assert.Equal(violation.Sequence, violation.Offset);
    }

    [Fact]
    public void The_end_of_the_log_acknowledged_and_forgotten_is_lost()
    {
        using TestBroker broker = new(misbehaviour: new ForgetsTheEnd(Offset));
        Verification verification = LoadRun.Run(broker, LoadRun.Scenario(), Offset + 100_000).Verification;
        Assert.True(verification.Complete);
        Assert.Equal(verification.Sent - verification.Delivered, verification.Lost);
        Violation violation = Assert.Single(verification.Violations);
        Assert.Equal(violation.Sequence, violation.Offset);
        Assert.Equal(verification.Delivered, violation.Sequence);
    }

    [Fact]
    public void A_message_acknowledged_at_another_offset_than_it_stands_at_is_reordered()
    {
        // The broker stores something of its own in between; what it acknowledges later takes that into account only from then on.
        using TestBroker broker = new(misbehaviour: new Fault(0, Offset, static place =>
        {
            place.Log.Skip(3);
            place.Log.Append(place.Batch);
        }));
        Violation violation = LoadRun.Run(broker, LoadRun.Scenario(), Messages).Verification.Only("reordered", 1);
        Assert.InRange(Offset, violation.Offset!.Value - 3, violation.Offset.Value + 2000);
    }

    [Theory]
    [InlineData("none")]
    [InlineData("all")]
    public void A_dropped_message_is_lost_whatever_the_acks(string acks)
    {
        using TestBroker broker = new(misbehaviour: Fault.DropMessage(0, Offset));
        Verification verification = LoadRun.Run(broker, LoadRun.Scenario(acks: acks), Messages).Verification;
        Assert.Equal(Offset, verification.Only("lost", 1).Sequence);
        Assert.Equal(acks == "none" ? 0 : verification.Sent, verification.Acknowledged);
    }

    private static Verification Break(Fault fault)
    {
        // Whole batches only, so that it is always the same one that a message is in, and the same place.
        using TestBroker broker = new(misbehaviour: fault);
        ScenarioInfo scenario = LoadRun.Scenario();
        return LoadRun.Run(broker, scenario with { Producers = scenario.Producers with { LingerSeconds = 60 } }, Messages).Verification;
    }

    private static void AssertAt(Violation violation) =>
        Assert.Equal((0, Offset, 0, Offset), (violation.Partition, violation.Offset!.Value, violation.Producer, violation.Sequence));

    private sealed class ForgetsTheEnd(long from) : Misbehaviour
    {
        private long _acknowledged;

        public override void OnAppend(int partition, byte[] batch, PartitionLog log)
        {
            if (_acknowledged < from)
            {
                log.Store(batch);
            }

            _acknowledged += RecordBatch.RecordCount(batch);
        }
    }
}
