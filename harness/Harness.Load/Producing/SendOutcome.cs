namespace Harness.Load;

/// <summary>What became of one message.</summary>
internal enum SendOutcome
{
    Accepted,

    /// <summary>Not taken: the partition's batch was full and is on its way now. Send it again, here or to another partition.</summary>
    BatchSealed,

    /// <summary>Not taken: every buffer is filled or on its way. <see cref="NativeProducer.Pump"/> waits for one.</summary>
    NoRoom,
}
