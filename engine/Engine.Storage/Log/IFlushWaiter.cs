namespace Engine.Storage;

/// <summary>Somebody who waits for records to be on the device.</summary>
public interface IFlushWaiter
{
    /// <summary>What was waited for has come, once for each wait. Called by a flusher thread, which must not be kept waiting.</summary>
    /// <param name="token">As it was given with the wait.</param>
    /// <param name="isFlushed">False when the log failed or was deleted: nobody knows what of it is on the device.</param>
    void Flushed(int token, bool isFlushed);
}
