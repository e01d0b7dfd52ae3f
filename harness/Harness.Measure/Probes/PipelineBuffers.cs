namespace Harness.Measure;

/// <summary>One buffer for each thread of the pipeline, used for every batch of every pass. Pinned, so that no call has to.</summary>
internal sealed class PipelineBuffers
{
    internal PipelineBuffers(int batchBytes)
    {
        Sender = GC.AllocateUninitializedArray<byte>(batchBytes, pinned: true);
        Broker = GC.AllocateUninitializedArray<byte>(batchBytes, pinned: true);
        Receiver = GC.AllocateUninitializedArray<byte>(batchBytes, pinned: true);
        Source = GC.AllocateUninitializedArray<byte>(Math.Max(0, batchBytes - sizeof(uint)), pinned: true);
        new Random(1).NextBytes(Source);
        new Random(1).NextBytes(Sender);
    }

    /// <summary>What the sender of a checked pipeline copies into its batch, behind the checksum.</summary>
    internal byte[] Source { get; }

    internal byte[] Sender { get; }

    internal byte[] Broker { get; }

    internal byte[] Receiver { get; }
}
