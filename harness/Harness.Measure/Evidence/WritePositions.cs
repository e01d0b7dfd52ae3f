namespace Harness.Measure;

/// <summary>
/// Whether writes to files go on where the last one to the same file ended, or, of a file that is written ahead of its data, where the last one at that place did:
/// such a file has two places at which it grows, and a scattered one has many. A position that is not certain is never compared: a descriptor's own cursor
/// is known from where lseek put it, or while nobody but that descriptor wrote to the file since it did; with O_APPEND the kernel itself puts a write at the end.
/// Told of the calls in the order of time. Belongs to one thread.
/// </summary>
internal sealed class WritePositions
{
    private const long SeekFromCursor = 1;
    private const long BlockBytes = 4096;
    private const long AtCursor = -1;

    private readonly Dictionary<string, Tail> _tails = [];
    private readonly Dictionary<int, long> _cursors = [];

    /// <summary>Writes whose predecessor in the same file is known, and those of them that began where it ended.</summary>
    internal long Compared { get; private set; }

    internal long Continuing { get; private set; }

    /// <summary>The bytes of both.</summary>
    internal long ComparedBytes { get; private set; }

    internal long ContinuingBytes { get; private set; }

    /// <summary>Files that were written to.</summary>
    internal int Files => _tails.Count;

    /// <summary>Some calls were not seen: whatever comes next has no known predecessor.</summary>
    internal void Forget()
    {
        _cursors.Clear();
        foreach (Tail tail in _tails.Values)
        {
            tail.IsKnown = false;
            tail.OtherEnd = null;
            tail.MayHaveOther = true;
        }
    }

    /// <summary>What comes under this number next is another open file, with a cursor of its own.</summary>
    internal void Close(int descriptor)
    {
        _cursors.Remove(descriptor);
        foreach (Tail tail in _tails.Values.Where(tail => tail.Cursor == descriptor))
        {
            tail.Cursor = null;
        }
    }

    /// <summary>The cursor is at the call's result.</summary>
    internal void Seek(RecordedCall seek)
    {
        _cursors[seek.Descriptor] = seek.Result;
        if (TailOf(seek) is not { } tail || tail.Cursor != seek.Descriptor)
        {
            return;
        }

        bool onlyAsks = seek is { Second: 0, Third: SeekFromCursor };
        if (onlyAsks)
        {
            tail.End = seek.Result;
        }
        else if (tail.End != seek.Result)
        {
            tail.Cursor = null;
        }
    }

    /// <summary>A call that moved the cursor on without writing at it.</summary>
    internal void Pass(RecordedCall read)
    {
        if (_cursors.TryGetValue(read.Descriptor, out long position))
        {
            _cursors[read.Descriptor] = position + read.Result;
        }

        if (TailOf(read) is { } tail && tail.Cursor == read.Descriptor)
        {
            tail.Cursor = null;
        }
    }

    internal void Write(RecordedCall write)
    {
        string name = DescriptorLinks.Name(write.Link!);
        bool atCursor = SystemCalls.WritesAtCursor(write.Call) || write.Fourth == AtCursor;
        if (!_tails.TryGetValue(name, out Tail? tail))
        {
            // What is first seen behind the file's beginning was written before, perhaps at two places.
            _tails[name] = tail = new Tail { MayHaveOther = !atCursor && write.Fourth > 0 };
        }

        long? start = write.Appends ? null
            : !atCursor ? write.Fourth
            : _cursors.TryGetValue(write.Descriptor, out long cursor) ? cursor
            : tail.IsKnown && tail.Cursor == write.Descriptor ? tail.End
            : null;
        if (GoesOn(write, tail, atCursor, start) is { } goesOn)
        {
            Compared++;
            Continuing += goesOn ? 1 : 0;
            ComparedBytes += write.Result;
            ContinuingBytes += goesOn ? write.Result : 0;
        }

        if (tail.IsKnown && !atCursor && !write.Appends && start != tail.End)
        {
            if (start == tail.OtherEnd)
            {
                tail.OtherEnd += write.Result;
                return;
            }

            tail.OtherEnd = tail.End;
            tail.MayHaveOther = false;
        }

        tail.IsKnown = true;
        tail.ByAppend = write.Appends;
        tail.Cursor = atCursor && !write.Appends ? write.Descriptor : null;
        tail.End = start + write.Result;
        if (atCursor)
        {
            if (tail.End is { } end)
            {
                _cursors[write.Descriptor] = end;
            }
            else
            {
                _cursors.Remove(write.Descriptor);
            }
        }
    }

    /// <summary>Null where that is not certain.</summary>
    private static bool? GoesOn(RecordedCall write, Tail tail, bool atCursor, long? start) =>
        !tail.IsKnown ? null
        : write.Appends ? tail.ByAppend ? true : null
        : atCursor && tail.Cursor == write.Descriptor ? true
        : start is null || tail.End is null ? null
        : start == tail.End || (!atCursor && start == tail.OtherEnd) || RewritesLastBlock(tail, start, write.Result) ? true
        : tail.MayHaveOther ? null
        : false;

    /// <summary>
    /// Past the page cache whole blocks are written, and the last one, which is not full yet, is written again with what comes behind: an append too.
    /// </summary>
    private static bool RewritesLastBlock(Tail tail, long? start, long length) =>
        length >= BlockBytes && length % BlockBytes == 0 && start % BlockBytes == 0 && tail.End - start == BlockBytes;

    private Tail? TailOf(RecordedCall call) => call.Link is { } link ? _tails.GetValueOrDefault(DescriptorLinks.Name(link)) : null;

    /// <summary>Of a file, what is known of the last write to it.</summary>
    private sealed class Tail
    {
        /// <summary>False where there may have been later ones.</summary>
        internal bool IsKnown { get; set; }

        /// <summary>Where it ended; null when only the cursor's own, which nobody told, says it.</summary>
        internal long? End { get; set; }

        /// <summary>Where the last one ended at the file's other place.</summary>
        internal long? OtherEnd { get; set; }

        /// <summary>There may be another place, of which nothing was seen yet, or since calls were not seen.</summary>
        internal bool MayHaveOther { get; set; }

        /// <summary>The descriptor whose cursor stands where it ended; null for none.</summary>
        internal int? Cursor { get; set; }

        /// <summary>It was put at the end of the file by O_APPEND.</summary>
        internal bool ByAppend { get; set; }
    }
}
