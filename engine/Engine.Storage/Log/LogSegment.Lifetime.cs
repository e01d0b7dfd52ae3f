namespace Engine.Storage;

/// <content>Who still needs the segment, and what becomes of its files when nobody does.</content>
internal sealed partial class LogSegment
{
    private int _references = 1;

    /// <summary>
    /// Readers that may not have received all that they were sent of it by sendfile. One more in a file that was there already: what an earlier
    /// process sent of it may still lie in somebody's queue.
    /// </summary>
    private int _loans = 1;

    private volatile bool _retired;
    private volatile bool _marked;

    /// <summary>The log has let go of it: its folder may be gone, and nothing more is written beside it.</summary>
    internal bool IsRetired => _retired;

    /// <summary>Held to make files beside it, if it is not retired: so none is made behind the removal of all of them.</summary>
    internal Lock FilesLock { get; } = new();

    /// <summary>The mark is on the device.</summary>
    internal bool IsMarked
    {
        get => _marked;
        set => _marked = value;
    }

    /// <summary>Its file is that of another segment now. Known once it is retired.</summary>
    internal bool IsRecycled { get; private set; }

    /// <summary>Takes a reference; false when the last one has been given back already.</summary>
    internal bool TryAcquire()
    {
        int seen = Volatile.Read(ref _references);
        while (seen > 0)
        {
            int found = Interlocked.CompareExchange(ref _references, seen + 1, seen);
            if (found == seen)
            {
                return true;
            }

            seen = found;
        }

        return false;
    }

    internal void Release()
    {
        if (Interlocked.Decrement(ref _references) == 0)
        {
            _housekeeper.Post(new Chore(ChoreKind.CloseFile, this));
        }
    }

    /// <summary>
    /// Takes the last reference: nobody reads it any more, nor can, and all that was sent of it has been received. False when that is not so. Only
    /// whoever holds a reference lends, so that without one no loan is added.
    /// </summary>
    internal bool TryEnd()
    {
        if (IsLent || Interlocked.CompareExchange(ref _references, 0, 1) != 1)
        {
            return false;
        }

        if (IsLent)
        {
            UndoEnd();
            return false;
        }

        return true;
    }

    /// <summary>Gives the log its reference again, after <see cref="TryEnd"/>.</summary>
    internal void UndoEnd() => Volatile.Write(ref _references, 1);

    /// <summary>Somebody may not have received all that was sent of it.</summary>
    private bool IsLent => Volatile.Read(ref _loans) != 0;

    internal void BeginLoan() => Interlocked.Increment(ref _loans);

    internal void EndLoan() => Interlocked.Decrement(ref _loans);

    /// <summary>The log has let go of it; its reference goes with <see cref="Release"/>.</summary>
    internal void Retire() => _retired = true;

    /// <summary>The log has let go of it, and its files go: at once, by the housekeeper, who gives the log's reference back.</summary>
    /// <param name="recycled">Its log's file is another segment's now, and the reference was taken by <see cref="TryEnd"/>.</param>
    internal void RetireFrom(PartitionLog log, bool recycled = false)
    {
        IsRecycled = recycled;
        _retired = true;
        _housekeeper.Post(new Chore(ChoreKind.RemoveFiles, this, Log: log));
    }
}
