using System.Runtime.InteropServices;
using Engine.Storage;

namespace Engine.Server;

/// <summary>
/// The compressed batches of one Produce request, on their way to a validator and back, while the request stays in its connection's receive
/// buffer. One a connection, used again for each request. Filled and read by the connection's loop; between <see cref="Start"/> and
/// <see cref="Finish"/> it belongs to the validator.
/// </summary>
internal sealed class ValidationJob
{
    private const int ItemsKept = 64;

    private readonly Connection _connection;
    private readonly List<ValidationItem> _items = [];
    private ArraySegment<byte> _frame;
    private int _waitNumber;
    private int _next;
    private volatile ValidationState _state;

    public ValidationJob(Connection connection) => _connection = connection;

    public ValidationState State => _state;

    public Connection Connection => _connection;

    /// <summary>What is to be looked at, and what was found.</summary>
    public Span<ValidationItem> Items => CollectionsMarshal.AsSpan(_items);

    public void Add(int recordsAt, int bytes, LogConfig config) =>
        _items.Add(new ValidationItem { RecordsAt = recordsAt, Bytes = bytes, Config = config });

    public ReadOnlySpan<byte> Batch(in ValidationItem item) => _frame.AsSpan(item.RecordsAt, item.Bytes);

    /// <summary>Gives the job away; the request is handled again behind <see cref="Finish"/>.</summary>
    public void Start(RecordValidators validators)
    {
        _frame = _connection.LendFrame();
        _waitNumber = _connection.BeginWait(deadlineNanos: 0);
        _state = ValidationState.Running;
        validators.Post(this);
    }

    /// <summary>The validator's last word.</summary>
    public void Finish()
    {
        _frame = default;
        _state = ValidationState.Done;
        _connection.Loop.Post(_connection, _waitNumber);
    }

    /// <summary>What was found of the batch that stands there; null when nobody looked, for its partition was not there then.</summary>
    public BatchVerdict? Take(int recordsAt)
    {
        // Both go through the request in its order; some are refused before this is asked.
        while (_next < _items.Count && _items[_next].RecordsAt < recordsAt)
        {
            _next++;
        }

        return _next < _items.Count && _items[_next].RecordsAt == recordsAt ? _items[_next].Verdict : null;
    }

    /// <summary>The request is answered.</summary>
    public void Reset()
    {
        _connection.EndWait();
        _connection.TakeFrameBack();
        _items.Clear();
        if (_items.Capacity > ItemsKept)
        {
            _items.Capacity = 0;
        }

        _next = 0;
        _state = ValidationState.Idle;
    }
}

internal enum ValidationState
{
    Idle,
    Running,
    Done,
}

/// <summary>One compressed batch of a request.</summary>
internal struct ValidationItem
{
    /// <summary>Where it begins in the request.</summary>
    public int RecordsAt;
    public int Bytes;

    /// <summary>Of the topic, as it was when the request came.</summary>
    public LogConfig Config;
    public BatchVerdict Verdict;
}
