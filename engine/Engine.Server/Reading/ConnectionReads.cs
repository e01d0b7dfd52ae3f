namespace Engine.Server;

/// <summary>A connection's part in the reading of cold data; made with its first need. Owned by the connection's loop.</summary>
internal sealed class ConnectionReads
{
    private readonly Connection _connection;

    public ConnectionReads(Connection connection)
    {
        _connection = connection;
        Fetch = new FetchRead(connection);
        Slice = new SliceRead(connection);
        Offsets = new OffsetSearch(connection);
    }

    public FetchRead Fetch { get; }

    public SliceRead Slice { get; }

    public OffsetSearch Offsets { get; }

    /// <summary>Has a read that the request in hand waits for begun; the request is to be parked.</summary>
    /// <param name="deadlineNanos">The request's own, if it has one: it is handled again when the read is over, however long that takes.</param>
    public HandlerResult Park(ColdRead read, ColdReaders readers, long deadlineNanos = 0)
    {
        // First the wait, for the read may be over before the next line.
        _connection.BeginWait(deadlineNanos);
        read.Start(readers);
        return HandlerResult.Park;
    }

    /// <summary>True when a request is handled, for whatever reason, while the read it waits for is under way: it goes on waiting.</summary>
    public bool StillWaits(ColdRead read)
    {
        if (read.State != ColdReadState.Running)
        {
            return false;
        }

        _connection.BeginWait(0);
        return true;
    }

    /// <summary>The connection is closed.</summary>
    public void Cancel(ColdReaders readers)
    {
        Fetch.Cancel(readers);
        Slice.Cancel(readers);
        Offsets.Cancel(readers);
    }
}
