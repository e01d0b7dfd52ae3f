namespace Engine.Server;

/// <summary>
/// One request to the groups' thread, from the loop that parked it. The loop hands it over and lets the connection wait; the thread leaves
/// the answer here and has the loop take the request up again, which then finds the answer. A connection may be taken up for other reasons
/// meanwhile, so who comes first is settled under the call's own lock. When the connection has gone the answer is nobody's.
/// </summary>
internal sealed class GroupCall(Connection connection, GroupClient client, object request, short version)
{
    private readonly Lock _lock = new();
    private int _waitNumber;
    private bool _isDone;
    private object? _response;

    public GroupClient Client => client;
    public object Request => request;
    public short Version => version;
    public Connection Connection => connection;

    /// <summary>Leaves the answer, null for one that failed, and wakes the loop. The groups' thread; once.</summary>
    public void Complete(object? response)
    {
        int waitNumber;
        lock (_lock)
        {
            _response = response;
            _isDone = true;
            waitNumber = _waitNumber;
        }

        connection.Loop.Post(connection, waitNumber);
    }

    /// <summary>True when the answer is there; else the connection waits for it from now on. The loop's own thread.</summary>
    public bool IsDoneOrWait(out object? response)
    {
        lock (_lock)
        {
            response = _response;
            if (!_isDone && !connection.IsWaiting)
            {
                // Without a deadline: the group decides how long this may take.
                _waitNumber = connection.BeginWait(deadlineNanos: 0);
            }

            return _isDone;
        }
    }
}
