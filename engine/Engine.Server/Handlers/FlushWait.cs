using System.Runtime.InteropServices;
using Engine.Storage;
using Engine.Wire;

namespace Engine.Server;

/// <summary>
/// The answer to a Produce request that is kept back until what it acknowledges is on the device. The batches have been appended; only their
/// acknowledgement waits, so that everybody who waits meanwhile shares the next flush, and no loop waits for a device.
/// <para>
/// One a connection, used again for each request. It belongs to the connection's loop; flusher threads touch nothing but the outcome of their own wait
/// and the count of those that are left.
/// </para>
/// </summary>
internal sealed class FlushWait : IFlushWaiter
{
    private const int WaitsKept = 64;
    private const int AnswerBytesKept = 64 * 1024;

    private readonly Connection _connection;
    private readonly List<FlushPoint> _points = [];
    private byte[] _answer = [];
    private int _answerBytes;
    private int _waitNumber;
    private int _left;

    public FlushWait(Connection connection) => _connection = connection;

    /// <summary>An answer is being kept back.</summary>
    public bool IsActive { get; private set; }

    public bool IsNeeded => _points.Count > 0;

    private bool IsDone => Volatile.Read(ref _left) == 0;

    /// <summary>Adds a batch to what is waited for.</summary>
    /// <param name="offset">Up to where its log is to be flushed.</param>
    /// <param name="answerAt">Where its partition's part of the answer begins.</param>
    public void Add(PartitionLog log, long offset, int answerAt) =>
        _points.Add(new FlushPoint { Log = log, Offset = offset, AnswerAt = answerAt });

    /// <summary>Takes the answer away and waits.</summary>
    /// <param name="start">Where the answer begins in the memory.</param>
    public HandlerResult Begin(WireBuffer memory, int start, short version)
    {
        ReadOnlySpan<byte> answer = memory.Written[start..];
        if (_answer.Length < answer.Length)
        {
            _answer = new byte[answer.Length];
        }

        answer.CopyTo(_answer);
        _answerBytes = answer.Length;
        memory.Truncate(start);
        IsActive = true;
        _waitNumber = _connection.BeginWait(long.MaxValue);

        // One more than there are, so that it is not over before all have been added.
        _left = _points.Count + 1;
        Span<FlushPoint> points = CollectionsMarshal.AsSpan(_points);
        for (int i = 0; i < points.Length; i++)
        {
            points[i].AnswerAt -= start;
            if (!points[i].Log.TryWaitForFlush(points[i].Offset, this, i, out bool isFlushed))
            {
                points[i].HasFailed = !isFlushed;
                Interlocked.Decrement(ref _left);
            }
        }

        return Interlocked.Decrement(ref _left) == 0 ? Finish(memory, version) : HandlerResult.Park;
    }

    /// <summary>The request is handled again: answers it if it can be.</summary>
    public HandlerResult Resume(WireBuffer memory, short version) => IsDone ? Finish(memory, version) : HandlerResult.Park;

    public void Flushed(int token, bool isFlushed)
    {
        CollectionsMarshal.AsSpan(_points)[token].HasFailed = !isFlushed;
        if (Interlocked.Decrement(ref _left) == 0)
        {
            _connection.Loop.Post(_connection, _waitNumber);
        }
    }

    private HandlerResult Finish(WireBuffer memory, short version)
    {
        foreach (ref FlushPoint point in CollectionsMarshal.AsSpan(_points))
        {
            if (point.HasFailed)
            {
                ProduceHandler.WriteFailure(_answer.AsSpan(point.AnswerAt), version, ErrorCode.KafkaStorageError);
            }
        }

        memory.WriteRaw(_answer.AsSpan(0, _answerBytes));
        _connection.EndWait();
        _points.Clear();
        if (_points.Capacity > WaitsKept)
        {
            _points.Capacity = 0;
        }

        if (_answer.Length > AnswerBytesKept)
        {
            _answer = [];
        }

        IsActive = false;
        return HandlerResult.Done;
    }

    /// <summary>One batch of the request.</summary>
    private struct FlushPoint
    {
        public PartitionLog Log;
        public long Offset;
        public int AnswerAt;
        public bool HasFailed;
    }
}
