using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace Engine.Wire;

/// <summary>
/// Walks uncompressed records as a broker has to before it stores them: that each is whole, that their offsets count up from 0, that they are as
/// many as claimed and fill their bytes, and which timestamps they have.
/// <para>
/// A run of records of one size, which is what a busy producer sends, is compared with the frame that is due
/// (<see cref="RecordFrame"/>); other records without headers are decoded field by field, at several times the cost; what is left, by
/// <see cref="RecordReader"/>.
/// </para>
/// </summary>
public static class RecordsCheck
{
    /// <summary>The first timestamp, as it is encoded, that takes more than a byte.</summary>
    private const uint ShortTime = 0x80;

    /// <summary>The length of no key, as it is encoded.</summary>
    private const uint NullKey = 1;

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
            WalkPlain(records, ref position, ref index, count, ref minDelta, ref maxDelta);
            if (index == count)
            {
                break;
            }

            RecordReader one = new(records[position..], int.MaxValue);
            if (!one.MoveNext(out Record record) || record.OffsetDelta != index)
            {
                return false;
            }

            minDelta = Math.Min(minDelta, record.TimestampDelta);
            maxDelta = Math.Max(maxDelta, record.TimestampDelta);
            position += one.Position;
            index++;
        }

        return position == records.Length;
    }

    /// <summary>
    /// Goes over records without headers, until one that is something else, or unsound, or too near to the end to be read in words.
    /// </summary>
    private static void WalkPlain(
        ReadOnlySpan<byte> records, ref int position, ref int index, int count, ref long minDelta, ref long maxDelta)
    {
        while (index < count)
        {
            int valueBytes = WalkUntilFramed(records, ref position, ref index, count, ref minDelta, ref maxDelta);
            if (valueBytes < 0)
            {
                return;
            }

            SkipRun(records, ref position, ref index, count, valueBytes, ref minDelta, ref maxDelta);
        }
    }

    /// <summary>The loop over every record that no frame is compared with.</summary>
    /// <returns>The bytes of the last record's value when a run may begin behind it; −1 when no more can be read.</returns>
    private static int WalkUntilFramed(
        ReadOnlySpan<byte> records, ref int position, ref int index, int count, ref long minDelta, ref long maxDelta)
    {
        ref byte start = ref MemoryMarshal.GetReference(records);
        nint end = records.Length;
        nint from = position;
        uint at = (uint)index;
        long min = minDelta;
        long max = maxDelta;
        int framedBytes = -1;
        while (at < (uint)count && end - from >= PlainRecord.FrameBytesMax)
        {
            nint p = from;
            uint length = PlainRecord.Varint(ref Unsafe.Add(ref start, p), out nint bytes);
            p += bytes;
            nint recordEnd = p + (nint)(length >> 1);
            uint time = PlainRecord.Varint(ref Unsafe.Add(ref start, ++p), out bytes);
            p += bytes;
            uint offset = PlainRecord.Varint(ref Unsafe.Add(ref start, p), out bytes);
            p += bytes;
            uint key = PlainRecord.Varint(ref Unsafe.Add(ref start, p), out bytes);
            p += bytes + ((key & 1) == 0 ? (nint)(key >> 1) : 0);
            if ((length & 1) != 0 || time == PlainRecord.TooLong || offset != 2 * at || key == PlainRecord.TooLong
                || recordEnd > end || p > end - sizeof(uint))
            {
                break;
            }

            uint value = PlainRecord.Varint(ref Unsafe.Add(ref start, p), out bytes);
            p += bytes + ((value & 1) == 0 ? (nint)(value >> 1) : 0);
            if (value == PlainRecord.TooLong || p + 1 != recordEnd || Unsafe.Add(ref start, p) != 0)
            {
                break;
            }

            long delta = Varint.UnZigZag(time);
            min = Math.Min(min, delta);
            max = Math.Max(max, delta);
            from = recordEnd;
            at++;
            if (key == NullKey && (value & 1) == 0 && value >> 1 <= RecordFrame.ValueBytesMax && time < ShortTime)
            {
                framedBytes = (int)(value >> 1);
                break;
            }
        }

        position = (int)from;
        index = (int)at;
        minDelta = min;
        maxDelta = max;
        return framedBytes;
    }

    /// <summary>Goes over the records that are framed like the one before them, if any.</summary>
    private static void SkipRun(
        ReadOnlySpan<byte> records, ref int position, ref int index, int count, int valueBytes, ref long minDelta, ref long maxDelta)
    {
        RecordFrame frame = RecordFrame.At((uint)index, 0, valueBytes);
        int fit = frame.ValueBytes < 0 ? 0 : (records.Length - position - RecordFrame.WordBytes) / frame.RecordBytes;
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

    /// <summary>The loop over every record of a run: those of one time at once.</summary>
    private static int Skip(ref byte record, int count, RecordFrame frame, ref long minDelta, ref long maxDelta)
    {
        int index = 0;
        while (index < count)
        {
            ref byte first = ref Unsafe.Add(ref record, (nint)index * frame.RecordBytes);
            int skipped = frame.CountAtOneTime(ref first, count - index);
            if (skipped == 0)
            {
                break;
            }

            long delta = Varint.UnZigZag(Unsafe.Add(ref first, frame.TimeAt));
            minDelta = Math.Min(minDelta, delta);
            maxDelta = Math.Max(maxDelta, delta);
            index += skipped;
        }

        return index;
    }
}
