using Engine.Linux;
using Engine.Wire;

namespace Engine.Storage;

/// <summary>What the opening of one log did, or of all of them.</summary>
internal sealed class RecoveryReport
{
    private readonly long _startNanos = MonotonicClock.Nanos();

    internal int Segments { get; set; }
    internal int SegmentsChecked { get; set; }
    internal int SegmentsRemoved { get; set; }
    internal long BatchesChecked { get; set; }
    internal long BytesChecked { get; set; }
    internal long BatchesCut { get; set; }
    internal long BytesCut { get; set; }
    internal int IndexesRebuilt { get; set; }

    /// <summary>The largest producer id found.</summary>
    internal long MaxProducerId { get; set; } = RecordBatch.NoProducerId;

    /// <summary>Something had to be read through, made anew or cut.</summary>
    internal bool HadWork => BytesChecked + BytesCut + SegmentsRemoved + IndexesRebuilt > 0;

    internal long Milliseconds => (MonotonicClock.Nanos() - _startNanos) / 1_000_000;

    internal void Add(RecoveryReport one)
    {
        Segments += one.Segments;
        SegmentsChecked += one.SegmentsChecked;
        SegmentsRemoved += one.SegmentsRemoved;
        BatchesChecked += one.BatchesChecked;
        BytesChecked += one.BytesChecked;
        BatchesCut += one.BatchesCut;
        BytesCut += one.BytesCut;
        IndexesRebuilt += one.IndexesRebuilt;
        MaxProducerId = Math.Max(MaxProducerId, one.MaxProducerId);
    }

    /// <summary>In the form of a log line.</summary>
    public override string ToString() =>
        $"segments_checked={SegmentsChecked} batches_checked={BatchesChecked} bytes_checked={BytesChecked} segments_removed={SegmentsRemoved}"
        + $" batches_cut={BatchesCut} bytes_cut={BytesCut} indexes_rebuilt={IndexesRebuilt} ms={Milliseconds}";
}
