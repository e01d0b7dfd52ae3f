using Engine.Linux;
using Engine.Storage;

namespace Engine.Server;

/// <summary>
/// The next piece of a slice that is being sent. Its answer's header is out, so a failure can only close the connection.
/// </summary>
internal sealed class SliceRead : ColdRead
{
    private LogSlice _slice;
    private int _from;
    private int _length;
    private int _start;
    private bool _copies;
    private AlignedBuffer? _buffer;

    public SliceRead(Connection connection)
        : base(connection)
    {
    }

    public int Length => _length;

    public IOException? Failure { get; private set; }

    /// <param name="slice">Read through a reference of its own: the connection may be closed, and the segment deleted, meanwhile.</param>
    /// <param name="copies">It is to be in memory then, and not only in the page cache.</param>
    public void Set(LogSlice slice, int from, int length, bool copies)
    {
        _copies = copies;
        _slice = slice.Share();
        _from = from;
        _length = length;
        Failure = null;
    }

    /// <summary>Where it was copied to, from then on the caller's.</summary>
    /// <param name="start">Where in the buffer it begins.</param>
    public AlignedBuffer TakeBuffer(out int start)
    {
        AlignedBuffer taken = _buffer ?? throw new InvalidOperationException("the piece was not copied");
        _buffer = null;
        start = _start;
        return taken;
    }

    public override void Reset()
    {
        base.Reset();
        if (_buffer is not null)
        {
            AlignedBuffers.Return(_buffer);
            _buffer = null;
        }
    }

    protected override void Read(PageReader pages)
    {
        try
        {
            if (_copies)
            {
                _buffer = AlignedBuffers.Rent();
                _length = pages.Copy(_slice, _from, _length, _buffer, out _start);
            }
            else
            {
                pages.Read(_slice, _from, _length);
            }
        }
        catch (IOException failure)
        {
            Failure = failure;
        }
    }

    protected override void LetGo()
    {
        _slice.Release();
        _slice = default;
    }
}
