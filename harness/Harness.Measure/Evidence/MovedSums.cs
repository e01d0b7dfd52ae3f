using Results;

namespace Harness.Measure;

/// <summary>Sums over recorded calls: bytes by call and kind of descriptor, and whether writes to files go on where the last one ended.</summary>
internal static class MovedSums
{
    private const long SeekFromCursor = 1;
    private const long BlockBytes = 4096;

    /// <param name="records">In the order of time.</param>
    internal static RecordedCalls Of(IReadOnlyList<RecordedCall> records, double seconds, long lost)
    {
        Dictionary<(string Call, string Kind), (long Calls, long Bytes)> moved = [];
        Dictionary<string, Written> files = [];
        long compared = 0;
        long continuing = 0;
        long bytes = 0;
        foreach (RecordedCall record in records)
        {
            if (record.Call.Length == 0)
            {
                // Records were lost: what comes next in a file has no predecessor.
                foreach (Written file in files.Values)
                {
                    file.End = null;
                    file.IsSeen = false;
                }

                continue;
            }

            if (record.Link is not { } link || record.Result <= 0)
            {
                if (record is { Call: "lseek", Result: 0, Link: { } start })
                {
                    Seek(files, start, record);
                }

                continue;
            }

            if (record.Call == "lseek")
            {
                Seek(files, link, record);
                continue;
            }

            string? kind = DescriptorLinks.IsSocket(link) ? "socket" : DescriptorLinks.IsFile(link) ? "file" : null;
            if (kind is null)
            {
                continue;
            }

            (long Calls, long Bytes) sum = moved.GetValueOrDefault((record.Call, kind));
            moved[(record.Call, kind)] = (sum.Calls + 1, sum.Bytes + record.Result);
            if (kind == "file" && (SystemCalls.WritesAtPosition(record.Call) || SystemCalls.WritesAtCursor(record.Call)))
            {
                bytes += record.Result;
                if (files.TryGetValue(DescriptorLinks.Name(link), out Written? file) is false)
                {
                    files[DescriptorLinks.Name(link)] = file = new Written();
                }

                if (file.Take(record) is { } goesOn)
                {
                    compared++;
                    continuing += goesOn ? 1 : 0;
                }
            }
        }

        return new RecordedCalls
        {
            Seconds = seconds,
            Lost = lost,
            Moved =
            [
                .. moved.Select(m => new MovedBytes(m.Key.Call, m.Key.Kind, m.Value.Calls, m.Value.Bytes))
                    .OrderByDescending(m => m.Bytes).ThenBy(m => m.Call, StringComparer.Ordinal).ThenBy(m => m.Kind, StringComparer.Ordinal),
            ],
            Writes = new WriteOrder(files.Count(f => f.Value.HasWrites), compared, continuing, bytes),
        };
    }

    private static void Seek(Dictionary<string, Written> files, string link, RecordedCall record)
    {
        bool asks = record is { Second: 0, Third: SeekFromCursor };
        if (!asks && DescriptorLinks.IsFile(link) && files.TryGetValue(DescriptorLinks.Name(link), out Written? file))
        {
            file.Cursor = record.Result;
        }
    }

    /// <summary>What is known of a file that is written to.</summary>
    private sealed class Written
    {
        /// <summary>The position behind the last write; null when only the cursor's own is known, which nobody told.</summary>
        internal long? End { get; set; }

        /// <summary>Where the cursor has been set to since the last write.</summary>
        internal long? Cursor { get; set; }

        internal bool IsSeen { get; set; }

        internal bool HasWrites { get; private set; }

        /// <summary>Whether the write goes on where the last one ended; null for the first.</summary>
        internal bool? Take(RecordedCall write)
        {
            bool atCursor = SystemCalls.WritesAtCursor(write.Call);
            long? start = atCursor ? Cursor ?? End : write.Fourth;

            // A cursor that nobody moved is where the last write left it.
            bool? goesOn = !IsSeen ? null : (atCursor && Cursor is null) || start == End || RewritesLastBlock(start, write.Result);
            End = start + write.Result;
            Cursor = null;
            IsSeen = true;
            HasWrites = true;
            return goesOn;
        }

        /// <summary>
        /// Past the page cache whole blocks are written, and the last one, which is not full yet, is written again with what comes behind: an append too.
        /// </summary>
        private bool RewritesLastBlock(long? start, long length) =>
            length >= BlockBytes && length % BlockBytes == 0 && start % BlockBytes == 0 && End - start == BlockBytes;
    }
}
