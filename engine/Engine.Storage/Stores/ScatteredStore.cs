using System.Security.Cryptography;
using Engine.Linux;

namespace Engine.Storage;

/// <summary>
/// Batches at slots of a preallocated file, written in place: how a store keeps values that come with a key. A batch takes slots in a row, from the
/// first that are free behind the one that a hash of its number names, so that writes land all over the file, and each is one call all the same.
/// A slot is a block of 4 KiB: what page cache, filesystem and device write at least, so that a smaller one saves no write, and a larger one only
/// wastes room on small batches. The first slot holds the file's key.
/// <para>
/// Where the batches are is kept in memory, eight bytes each, and found again at a start by the header that stands before each of them. No table on
/// disk, which every append would have to write as well.
/// </para>
/// </summary>
internal sealed class ScatteredStore(FileDescriptor file, string path, bool direct, int segmentBytes) : SegmentStore(file)
{
    internal const int SlotBytes = AlignedBuffer.BlockBytes;

    /// <summary>The least file: 1 MiB.</summary>
    private const int SlotsMin = 256;

    /// <summary>More batches than this are not asked after one by one on a loop.</summary>
    private const int ResidentRunsMax = 128;

    private readonly List<int> _leftovers = [];
    private SlotMap _map = new(0);
    private long _key;
    private long _serial;
    private int _reserved = -1;
    private int _reservedCount;

    /// <summary>Position (upper half) and first slot of each batch. Replaced when it is full; what is below the count does not change.</summary>
    private long[] _runs = [];
    private int _count;
    private int _end;

    internal override bool ReadsWait => direct;

    internal override bool IsInARow => false;

    internal override bool HasRoom(int batchBytes) => _map.Slots == 0 || TryReserve(SlotsOf(batchBytes));

    internal override long StoredBytes(int bytes) => (long)_map.Taken * SlotBytes;

    internal override void Append(ReadOnlySpan<byte> batch, int position)
    {
        EraseLeftovers();
        int count = SlotsOf(batch.Length);
        if (_map.Slots == 0 || !TryReserve(count))
        {
            Prepare(count);
        }

        int slot = _reserved;
        Span<byte> header = stackalloc byte[SlotHeader.Bytes];
        new SlotHeader(_key, _serial++, position, batch.Length).Encode(header);
        _reserved = -1;
        _leftovers.Add(slot);
        Write(header, batch, slot);
        _leftovers.Clear();
        Add(position, slot, batch.Length);
    }

    internal override int Read(Span<byte> into, int position)
    {
        int done = 0;
        while (done < into.Length && TryFind(position + done, into.Length - done, out long place, out int length))
        {
            Span<byte> part = into.Slice(done, length);
            int n = direct ? DirectIo.Read(File, part, place) : Files.ReadAt(File, part, place);
            done += n;
            if (n < length)
            {
                break;
            }
        }

        return done;
    }

    internal override int ReadPiece(AlignedBuffer buffer, int position, int length, out int start)
    {
        start = 0;
        length = Math.Min(length, AlignedBuffer.DataBytes);
        return direct && TryFind(position, length, out long place, out int run) && run == length
            ? DirectIo.ReadPiece(File, buffer, place, length, out start)
            : Read(buffer.Span[..length], position);
    }

    internal override int Piece(int position, int length, out long filePosition) =>
        TryFind(position, length, out filePosition, out int found) ? found : 0;

    internal override bool IsResident(int position, int length)
    {
        for (int runs = 0; length > 0; runs++)
        {
            if (direct || runs == ResidentRunsMax
                || !TryFind(position, length, out long place, out int run) || !PageCache.IsResident(File, place, run))
            {
                return false;
            }

            position += run;
            length -= run;
        }

        return true;
    }

    /// <summary>Erases the headers of the batches behind the position: their slots are free again.</summary>
    internal override void CutTo(int bytes)
    {
        int count = _count;
        while (count > 0 && PositionOf(_runs[count - 1]) >= bytes)
        {
            _leftovers.Add((int)_runs[--count]);
            int end = count + 1 < _count ? PositionOf(_runs[count + 1]) : _end;
            _map.Free((int)_runs[count], SlotsOf(end - PositionOf(_runs[count])));
        }

        if (count < _count)
        {
            Volatile.Write(ref _end, PositionOf(_runs[count]));
            Volatile.Write(ref _count, count);
        }

        EraseLeftovers();
    }

    /// <summary>
    /// Written slots between free ones are as many pieces to free, and where the filesystem tells the device of each (mount option <c>discard</c>) a file
    /// of 128 MiB takes seconds: so they are made one piece before.
    /// </summary>
    internal override void Close()
    {
        try
        {
            if (!Files.HasName(File))
            {
                Files.TryZero(File);
            }
        }
        finally
        {
            base.Close();
        }
    }

    /// <summary>Finds the batches of a file that was written before; the position behind the last of those that follow on each other.</summary>
    internal int Load()
    {
        long length = Files.Length(File);
        int slots = (int)Math.Min(int.MaxValue, length / SlotBytes);
        List<(SlotHeader Header, int Slot)> found = Scan(slots);
        if (found.Count == 0 || found[0].Slot != 0)
        {
            // Never appended to, or lost with all its batches: it is prepared anew with another key.
            return 0;
        }

        _key = found[0].Header.Key;
        _map = new SlotMap(slots);
        _map.Take(0, 1);
        found.RemoveAt(0);
        found.RemoveAll(run => run.Header.Key != _key
            || run.Header.BatchBytes <= 0 || run.Header.Position < 0 || run.Slot + (long)SlotsOf(run.Header.BatchBytes) > slots);
        found.Sort((a, b) => a.Header.Position != b.Header.Position
            ? a.Header.Position.CompareTo(b.Header.Position) : b.Header.Serial.CompareTo(a.Header.Serial));
        long last = -1;
        foreach ((SlotHeader header, int slot) in found)
        {
            _serial = Math.Max(_serial, header.Serial + 1);
            if (header.Position == _end && header.Serial > last && header.BatchBytes <= int.MaxValue - _end)
            {
                last = header.Serial;
                Add(header.Position, slot, header.BatchBytes);
            }
            else
            {
                // Of an append that failed, or behind one that did not get to the device. Erased before the next append, not here: a log that
                // turns out to lack what was flushed is not touched.
                _leftovers.Add(slot);
            }
        }

        return _end;
    }

    private static int SlotsOf(int batchBytes) => (int)((batchBytes + (long)SlotHeader.Bytes + SlotBytes - 1) / SlotBytes);

    private static int PositionOf(long run) => (int)(run >> 32);

    /// <summary>All slots that begin with a header.</summary>
    private List<(SlotHeader Header, int Slot)> Scan(int slots)
    {
        List<(SlotHeader, int)> found = [];
        AlignedBuffer buffer = AlignedBuffers.Rent();
        try
        {
            for (int slot = 0; slot < slots;)
            {
                Span<byte> chunk = buffer.Span[..(int)Math.Min(AlignedBuffer.DataBytes, (slots - slot) * (long)SlotBytes)];
                int n = direct ? Files.ReadBlocksAt(File, chunk, slot * (long)SlotBytes) : Files.ReadAt(File, chunk, slot * (long)SlotBytes);
                if (n < chunk.Length)
                {
                    throw new CorruptLogException($"{path} ended at position {(slot * (long)SlotBytes) + n} while it was being read");
                }

                for (int at = 0; at < n; at += SlotBytes, slot++)
                {
                    if (SlotHeader.TryDecode(chunk.Slice(at, SlotHeader.Bytes), out SlotHeader header))
                    {
                        found.Add((header, slot));
                    }
                }
            }
        }
        finally
        {
            AlignedBuffers.Return(buffer);
        }

        return found;
    }

    /// <summary>Gives the file its room and its key, before the first batch; once more for a first batch that is larger than a segment.</summary>
    private void Prepare(int count)
    {
        if (_count > 0)
        {
            throw new InvalidOperationException("a segment without room was appended to");
        }

        long slots = 1 + Math.Max(Math.Max(SlotsMin, count), (segmentBytes + (long)SlotBytes - 1) / SlotBytes);
        Files.Preallocate(File, slots * SlotBytes);
        long key = BitConverter.ToInt64(RandomNumberGenerator.GetBytes(sizeof(long)));
        Span<byte> header = stackalloc byte[SlotHeader.Bytes];
        new SlotHeader(key, 0, 0, 0).Encode(header);
        Write(header, [], 0);
        _key = key;
        _map = new SlotMap((int)slots);
        _map.Take(0, 1);
        TryReserve(count);
    }

    private bool TryReserve(int count)
    {
        if (_reserved < 0 || _reservedCount != count)
        {
            _reserved = _map.FindFree(count, (int)(Mix((ulong)(_key + _serial)) % (ulong)_map.Slots));
            _reservedCount = count;
        }

        return _reserved >= 0;
    }

    /// <summary>The finalizer of SplitMix64 (Steele, Lea, Flood 2014): neighbouring numbers come to lie far apart.</summary>
    private static ulong Mix(ulong number)
    {
        number = (number ^ (number >> 30)) * 0xBF58476D1CE4E5B9;
        number = (number ^ (number >> 27)) * 0x94D049BB133111EB;
        return number ^ (number >> 31);
    }

    private void Write(ReadOnlySpan<byte> header, ReadOnlySpan<byte> batch, int slot)
    {
        if (direct)
        {
            DirectIo.Write(File, header, batch, slot * (long)SlotBytes);
        }
        else
        {
            Files.WriteAt(File, header, batch, slot * (long)SlotBytes);
        }
    }

    private void EraseLeftovers()
    {
        if (_leftovers.Count > 0)
        {
            Span<byte> nothing = stackalloc byte[SlotHeader.Bytes];
            nothing.Clear();
            foreach (int slot in _leftovers)
            {
                Write(nothing, [], slot);
            }

            _leftovers.Clear();
            _reserved = -1;
        }
    }

    private void Add(int position, int slot, int batchBytes)
    {
        _map.Take(slot, SlotsOf(batchBytes));
        if (_count == _runs.Length)
        {
            long[] grown = new long[Math.Max(64, 2 * _count)];
            _runs.CopyTo(grown, 0);
            Volatile.Write(ref _runs, grown);
        }

        _runs[_count] = ((long)position << 32) | (uint)slot;
        Volatile.Write(ref _count, _count + 1);
        Volatile.Write(ref _end, position + batchBytes);
    }

    /// <summary>Where the bytes at a position are, and how many of them in a row, at most so many as asked for.</summary>
    private bool TryFind(int position, int length, out long place, out int found)
    {
        // In this order: a batch that is not among the runs yet does not count into the end.
        int end = Volatile.Read(ref _end);
        int count = Volatile.Read(ref _count);
        long[] runs = Volatile.Read(ref _runs);
        place = 0;
        found = 0;
        if (position >= end)
        {
            return false;
        }

        int low = 0;
        int high = count - 1;
        while (low < high)
        {
            int middle = (low + high + 1) >>> 1;
            if (PositionOf(runs[middle]) <= position)
            {
                low = middle;
            }
            else
            {
                high = middle - 1;
            }
        }

        int start = PositionOf(runs[low]);
        int runEnd = low + 1 < count ? PositionOf(runs[low + 1]) : end;
        place = ((uint)runs[low] * (long)SlotBytes) + SlotHeader.Bytes + (position - start);
        found = Math.Min(length, runEnd - position);
        return true;
    }
}
