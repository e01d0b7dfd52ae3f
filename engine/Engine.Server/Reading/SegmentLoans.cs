using System.Runtime.InteropServices;
using Engine.Storage;

namespace Engine.Server;

/// <summary>
/// What a connection was sent by sendfile and may not have received: a segment a log, the one that was sent from last. Given back, so that the
/// segment's file may be written again, when the peer has asked for what lies behind it with a request that came after all that was lent had
/// been handed to the socket. A peer that asks so has read what it was sent, for it must have the answer before it knows what to ask for next.
/// Everything else is kept for good: of a connection that ends, that reads backwards, or that asks ahead.
/// <para>Owned by the connection's loop.</para>
/// </summary>
internal sealed class SegmentLoans
{
    private const int PruneFrom = 64;

    private readonly Dictionary<PartitionLog, Lent> _lent = [];
    private int _pruneAt = PruneFrom;

    /// <summary>Notes that a slice has been queued.</summary>
    /// <param name="drained">How often all queued slices had been sent, now.</param>
    /// <param name="drainedAtRequest">The same, when the request came that asks for the slice.</param>
    public void Add(PartitionLog log, in LogSlice slice, long drained, long drainedAtRequest)
    {
        ref Lent lent = ref CollectionsMarshal.GetValueRefOrAddDefault(_lent, log, out bool exists);
        if (!exists || !lent.Loan.Covers(slice))
        {
            if (exists && lent.Loan.EndsBefore(slice) && lent.Drained < drainedAtRequest)
            {
                lent.Loan.GiveBack();
            }

            lent.Loan = slice.Lend();
        }

        lent.Drained = drained;
        if (_lent.Count >= _pruneAt)
        {
            Prune();
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

    private struct Lent
    {
        public SegmentLoan Loan;
        public long Drained;
    }
}
