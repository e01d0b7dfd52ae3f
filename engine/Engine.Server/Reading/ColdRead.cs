namespace Engine.Server;

/// <summary>
/// Something of a connection's that has to wait for the disk, done by a thread of <see cref="ColdReaders"/>. Filled and read by the
/// connection's loop; from <see cref="Start"/> until the loop sees <see cref="ColdReadState.Done"/> what it holds belongs to the reader. A
/// connection has at most one under way, and uses it again for the next.
/// </summary>
internal abstract class ColdRead
{
    private volatile ColdReadState _state;

    protected ColdRead(Connection connection)
    {
        Connection = connection;
        Node = new LinkedListNode<ColdRead>(this);
    }

    public Connection Connection { get; }

    /// <summary>Its place in the readers' queue, made once.</summary>
    public LinkedListNode<ColdRead> Node { get; }

    public ColdReadState State => _state;

    /// <summary>Tells this start from earlier ones, whose end may be heard of late. The loop's.</summary>
    public int Number { get; private set; }

    /// <summary>Gives it to the readers.</summary>
    public void Start(ColdReaders readers)
    {
        Number++;
        _state = ColdReadState.Running;
        readers.Post(this);
    }

    /// <summary>Takes it back from the readers' queue, the connection being closed; one that is being read already ends by itself.</summary>
    public void Cancel(ColdReaders readers)
    {
        if (_state == ColdReadState.Running && readers.TryTakeBack(this))
        {
            LetGo();
            _state = ColdReadState.Idle;
        }
        else if (_state == ColdReadState.Done)
        {
            Reset();
        }
    }

    /// <summary>The reader's part, on its thread.</summary>
    public void Run(PageReader pages)
    {
        int number = Number;
        try
        {
            Read(pages);
        }
        finally
        {
            LetGo();
            _state = ColdReadState.Done;
            Connection.Loop.Post(this, number);
        }
    }

    /// <summary>The loop has made use of what was read.</summary>
    public virtual void Reset() => _state = ColdReadState.Idle;

    /// <summary>Reads; what goes wrong with a file is kept for the loop to answer.</summary>
    protected abstract void Read(PageReader pages);

    /// <summary>Gives references back that were only for the reader.</summary>
    protected virtual void LetGo()
    {
    }
}

internal enum ColdReadState
{
    Idle,
    Running,
    Done,
}
