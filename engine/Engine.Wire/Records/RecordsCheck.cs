using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace Engine.Wire;

/// <summary>
/// Walks uncompressed records as a broker has to before it stores them: that each is whole, that their offsets count up from 0, that they are as
/// many as claimed and fill their bytes, and which timestamps they have.
/// <para>
/// A run of short records of one size, which is what a busy producer sends, is compared word by word with the frame that is due
/// (<see cref="ShortFrame"/>); any other record is decoded by <see cref="RecordReader"/>, at several times the cost.
/// </para>
/// </summary>
public static class RecordsCheck
{
    /// <summary>A frame is compared as a word of this many bytes, which the last records of a batch may not have behind their first.</summary>
    private const int FrameWordBytes = sizeof(ulong);

    /// <summary>The position of the timestamp in a <see cref="ShortFrame"/>.</summary>
    private const int TimeAt = 2;

    /// <param name="records">All of the batch behind its header, unpacked.</param>
    /// <param name="count">As the header claims.</param>
    /// <param name="minDelta">The smallest timestamp, counted from the batch's first.</param>
    /// <param name="maxDelta">The largest.</param>
    /// <returns>False when anything is wrong with any record; the rest then means nothing.</returns>
    public static bool TryWalk(ReadOnlySpan<byte> records, int count, out long minDelta, out long maxDelta)
    {
        minDelta = long.MaxValue;
        maxDelta = long.MinValue;
        int position = 0;
        for (int index = 0; index < count;)
        {
            RecordReader one = new(records[position..], int.MaxValue);
            if (!one.MoveNext(out Record record) || record.OffsetDelta != index)
            {
                return false;
            }

            minDelta = Math.Min(minDelta, record.TimestampDelta);
            maxDelta = Math.Max(maxDelta, record.TimestampDelta);
            position += one.Position;
            index++;
            if (record.HasValue && !record.HasKey && record.HeaderCount == 0 && record.Value.Length <= ShortFrame.ValueBytesMax)
            {
                SkipRun(records, ref position, ref index, count, record, ref minDelta, ref maxDelta);
            }
        }

        return position == records.Length;
    }

    /// <summary>Goes over the records that are framed like the one before them, if any.</summary>
    private static void SkipRun(
        ReadOnlySpan<byte> records, ref int position, ref int index, int count, in Record like, ref long minDelta, ref long maxDelta)
    {
        ShortFrame frame = ShortFrame.At((uint)index, 0, like.Value.Length);
        int fit = frame.ValueBytes < 0 ? 0 : (records.Length - position - FrameWordBytes) / frame.RecordBytes;
        int most = (int)Math.Min(fit, Math.Min((uint)count, frame.End) - index);
        if (most <= 0)
        {
            return;
        }

        ref byte start = ref Unsafe.Add(ref MemoryMarshal.GetReference(records), position);
        int skipped = Skip(ref start, most, frame, ref minDelta, ref maxDelta);
        index += skipped;
        position += skipped * frame.RecordBytes;
    }

    /// <summary>
    /// The loop over every short record. Not inlined, so that what it works with stays in registers; timestamps are looked at only where they change.
    /// </summary>
    [MethodImpl(MethodImplOptions.NoInlining)]
    private static int Skip(ref byte record, int count, ShortFrame frame, ref long minDelta, ref long maxDelta)
    {
        int index = 0;
        uint time = uint.MaxValue;
        while (index < count && frame.Matches(ref record))
        {
            uint own = Unsafe.Add(ref record, TimeAt);
            if (own != time)
            {
                time = own;
                long delta = Varint.UnZigZag(own);
                minDelta = Math.Min(minDelta, delta);
                maxDelta = Math.Max(maxDelta, delta);
            }

            record = ref Unsafe.Add(ref record, frame.RecordBytes);
            frame.MoveNext();
            index++;
        }

        return index;
    }
}
