using System.Runtime.InteropServices;
using Engine.Linux;
using Engine.Storage;

namespace Engine.Server;

/// <summary>
/// What a connection was sent by sendfile and its peer may not have read: a segment a log, the one that was sent from last, and those before it.
/// A loan is given back, so that the segment's file may be written again, when two things have come true:
/// <list type="bullet">
/// <item>the peer has asked for what lies behind the segment, as one does that has read it (whatever proxy it sits behind);</item>
/// <item>so many bytes behind it have been acknowledged that it must have left the peer's receive queue, because no window is larger (whatever
/// the peer has asked for in advance).</item>
/// </list>
/// Otherwise it is kept for good: of a connection that ends, that reads backwards, or that rests.
/// <para>Owned by the connection's loop.</para>
/// </summary>
internal sealed class SegmentLoans(FileDescriptor socket)
{
    private const int PruneFrom = 64;

    /// <summary>Segments that have been left and may not have been read; more are kept for good.</summary>
    private const int LeftMax = 1024;

    private readonly Dictionary<PartitionLog, SegmentLoan> _lent = [];
    private readonly Queue<(SegmentLoan Loan, long SentBytes)> _left = [];
    private readonly long _windowMax = Sockets.PeerWindowMax(socket);
    private int _pruneAt = PruneFrom;

    /// <summary>Notes that a slice is going to be sent. All slices of earlier answers have been.</summary>
    /// <param name="sentBytes">Bytes that the connection has sent so far.</param>
    public void Add(PartitionLog log, in LogSlice slice, long sentBytes)
    {
        ref SegmentLoan loan = ref CollectionsMarshal.GetValueRefOrAddDefault(_lent, log, out bool exists);
        if (!exists || !loan.Covers(slice))
        {
            if (exists && loan.EndsBefore(slice) && _left.Count < LeftMax)
            {
                _left.Enqueue((loan, sentBytes));
            }

            loan = slice.Lend();
            if (_lent.Count >= _pruneAt)
            {
                Prune();
            }
        }

        GiveBack(sentBytes);
    }

    private void GiveBack(long sentBytes)
    {
        if (!_left.TryPeek(out (SegmentLoan Loan, long SentBytes) oldest) || sentBytes - oldest.SentBytes < _windowMax)
        {
            return;
        }

        long readBytes = sentBytes - Sockets.Unacknowledged(socket) - _windowMax;
        while (_left.TryPeek(out oldest) && oldest.SentBytes <= readBytes)
        {
            oldest.Loan.GiveBack();
            _left.Dequeue();
        }
    }

    /// <summary>Forgets logs that are gone.</summary>
    private void Prune()
    {
        foreach (PartitionLog log in _lent.Keys)
        {
            if (log.IsDeleted)
            {
                _lent.Remove(log);
            }
        }

        _pruneAt = Math.Max(PruneFrom, 2 * _lent.Count);
    }
}
