using Engine.Linux.Tests;

namespace Engine.Storage.Tests;

/// <summary>What a segment costs the managed heap: a ring rolls for ever, and memory grows by it until the next collection.</summary>
public sealed class RollAllocationTests
{
    private const int BatchBytes = 64 << 10;
    private const int BatchesPerSegment = 16;
    private const int SegmentsKept = 8;

    /// <summary>The segment itself, its name, and the arrays of segments before and after it; 32 positions and a second name would be 650 more.</summary>
    private const long BytesMax = 1300;

    private static readonly LogConfig Ring = new()
    {
        SegmentBytes = BatchesPerSegment * BatchBytes,
        RetentionBytes = SegmentsKept * BatchesPerSegment * BatchBytes,
    };

    [Fact]
    public void A_ring_that_writes_over_its_files_takes_over_their_memory()
    {
        const int Rolls = 50;
        const int Windows = 4;
        using StorageFixture storage = new(Ring, onDisk: true);
        byte[] batch = TestBatch.OfSize(BatchBytes);
        Allocated(2 * SegmentsKept);

        // A collection books what is left of a thread's allocation quantum as allocated: not in each of the windows.
        Assert.InRange(Enumerable.Range(0, Windows).Min(_ => Allocated(Rolls)) / Rolls, 1, BytesMax);

        long Allocated(int rolls)
        {
            long bytes = 0;
            for (int roll = 0; roll < rolls; roll++)
            {
                bytes += Allocations.Of(FillSegment);

                // Appended to faster than marks are written, it would make new files.
                LogSegment oldest = storage.Log.Segments[0];
                Assert.True(storage.Log.Segments.Length <= SegmentsKept || SpinWait.SpinUntil(() => oldest.IsMarked, TimeSpan.FromMinutes(1)));
            }

            return bytes;
        }

        void FillSegment()
        {
            for (int i = 0; i < BatchesPerSegment; i++)
            {
                storage.Log.Append(batch);
            }
        }
    }
}
