namespace Harness.Measure;

/// <summary>One buffer for each thread of the pipeline, used for every batch of every pass. Pinned, so that no call has to.</summary>
internal sealed class PipelineBuffers
{
    /// <param name="receivers">How many threads receive at the pipeline's end.</param>
    internal PipelineBuffers(int batchBytes, int receivers = 1)
    {
        Sender = GC.AllocateUninitializedArray<byte>(batchBytes, pinned: true);
        Broker = GC.AllocateUninitializedArray<byte>(batchBytes, pinned: true);
        Receivers = [.. Enumerable.Range(0, receivers).Select(_ => GC.AllocateUninitializedArray<byte>(batchBytes, pinned: true))];
        Source = GC.AllocateUninitializedArray<byte>(Math.Max(0, batchBytes - sizeof(uint)), pinned: true);
        new Random(1).NextBytes(Source);
        new Random(1).NextBytes(Sender);
    }

    /// <summary>What the sender of a checked pipeline copies into its batch, behind the checksum.</summary>
    internal byte[] Source { get; }

    internal byte[] Sender { get; }

    internal byte[] Broker { get; }

    internal IReadOnlyList<byte[]> Receivers { get; }
}
