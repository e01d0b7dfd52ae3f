namespace Engine.Storage;

/// <summary>How the batches of producers are stored: the technique and its opposite.</summary>
public enum Batching
{
    /// <summary>Whole, as they came.</summary>
    Batch = 0,

    /// <summary>Unpacked: every record as a batch of its own, with a write and an index entry of its own.</summary>
    Record = 1,
}
