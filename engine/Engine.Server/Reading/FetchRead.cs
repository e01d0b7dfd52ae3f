using System.Runtime.InteropServices;
using Engine.Storage;

namespace Engine.Server;

/// <summary>
/// What a fetch asks for and the page cache does not hold: of each such partition the headers that lead to its offset, and the first piece
/// of what will be sent. The fetch is parked meanwhile and then handled anew, so that a partition that cannot be read is still answered
/// with its error; the rest of long slices is <see cref="SliceRead"/>'s.
/// </summary>
internal sealed class FetchRead : ColdRead
{
    private const int ItemsKept = 64;

    private readonly List<Item> _items = [];
    private readonly Dictionary<(PartitionLog Log, long Offset), int> _places = [];

    public FetchRead(Connection connection)
        : base(connection)
    {
    }

    public void Add(PartitionLog log, long offset, int maxBytes, bool minOneBatch)
    {
        if (_places.TryAdd((log, offset), _items.Count))
        {
            _items.Add(new Item { Log = log, Offset = offset, MaxBytes = maxBytes, MinOneBatch = minOneBatch });
        }
    }

    /// <summary>True when this has been read for the request in hand, well or not.</summary>
    /// <param name="failure">Why it could not be.</param>
    public bool Find(PartitionLog log, long offset, out IOException? failure)
    {
        if (State == ColdReadState.Done && _places.TryGetValue((log, offset), out int place))
        {
            Item item = _items[place];
            failure = item.Failure;
            return item.IsRead;
        }

        failure = null;
        return false;
    }

    /// <summary>The slice that was found for the request in hand, of a log in which none can be found without waiting; to be released.</summary>
    public bool TryShare(PartitionLog log, long offset, out ReadResult result, out LogSlice slice)
    {
        if (State == ColdReadState.Done && _places.TryGetValue((log, offset), out int place) && _items[place].IsRead)
        {
            result = _items[place].Result;
            slice = _items[place].Slice.Share();
            return true;
        }

        result = ReadResult.Ok;
        slice = default;
        return false;
    }

    public override void Reset()
    {
        base.Reset();
        foreach (Item item in _items)
        {
            item.Slice.Release();
        }

        _items.Clear();
        _places.Clear();
        if (_items.Capacity > ItemsKept)
        {
            _items.Capacity = 0;
            _places.TrimExcess();
        }
    }

    protected override void Read(PageReader pages)
    {
        foreach (ref Item item in CollectionsMarshal.AsSpan(_items))
        {
            if (item.IsRead)
            {
                continue;
            }

            item.IsRead = true;
            try
            {
                // Not Ok: the log has changed since, which the fetch will find when it is handled again.
                item.Result = item.Log.TryRead(item.Offset, item.MaxBytes, item.MinOneBatch, out LogSlice slice);
                if (item.Log.ReadsWait)
                {
                    // Its headers have been read. Kept, for the loop must not read them again; its bytes are read when they are to be sent.
                    item.Slice = slice;
                }
                else if (item.Result == ReadResult.Ok && slice.Length > 0)
                {
                    ReadFirstPiece(pages, slice);
                }
            }
            catch (IOException failure)
            {
                item.Failure = failure;
            }
        }
    }

    private static void ReadFirstPiece(PageReader pages, LogSlice slice)
    {
        try
        {
            pages.Read(slice, 0, Math.Min(slice.Length, ColdReaders.PieceBytes));
        }
        finally
        {
            slice.Release();
        }
    }

    private struct Item
    {
        public PartitionLog Log;
        public long Offset;
        public int MaxBytes;
        public bool MinOneBatch;
        public bool IsRead;
        public ReadResult Result;
        public LogSlice Slice;
        public IOException? Failure;
    }
}
