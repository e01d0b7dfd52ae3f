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

    public SliceRead(Connection connection)
        : base(connection)
    {
    }

    public int Length => _length;

    public IOException? Failure { get; private set; }

    /// <param name="slice">Read through a reference of its own: the connection may be closed, and the segment deleted, meanwhile.</param>
    public void Set(LogSlice slice, int from, int length)
    {
        _slice = slice.Share();
        _from = from;
        _length = length;
        Failure = null;
    }

    protected override void Read(PageReader pages)
    {
        try
        {
            pages.Read(_slice, _from, _length);
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
