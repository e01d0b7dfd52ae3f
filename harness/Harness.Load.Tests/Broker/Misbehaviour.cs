using Engine.Wire;

namespace Harness.Load.Tests;

/// <summary>
/// Where a <see cref="TestBroker"/> can be made to do wrong. Each hook does what is right unless overridden. The hooks of appending are
/// called under the broker's lock, the others by several threads.
/// </summary>
public class Misbehaviour
{
    /// <summary>The error that a Produce request is answered with; a batch with an error is not appended.</summary>
    public virtual ErrorCode OnProduce(int partition) => ErrorCode.None;

    /// <summary>Stores a sound batch that has its base offset. It is acknowledged at that offset whatever this does.</summary>
    public virtual void OnAppend(int partition, byte[] batch, PartitionLog log) => log.Store(batch);

    /// <summary>The records of a partition in a Fetch response.</summary>
    public virtual byte[] OnFetched(int partition, long offset, byte[] records) => records;

    /// <summary>The whole answer, length included; null for none.</summary>
    public virtual byte[]? OnAnswer(ApiKey api, byte[] frame) => frame;
}
