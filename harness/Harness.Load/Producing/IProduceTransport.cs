namespace Harness.Load;

/// <summary>
/// Where a producer's frames go and its answers come from: a TCP connection, or the null sink of a ceiling. A seam of bytes, so that
/// everything above it is the same for both. Belongs to the producer's thread.
/// </summary>
internal interface IProduceTransport : IDisposable
{
    /// <summary>host:port, for messages.</summary>
    string Address { get; }

    /// <summary>Takes as much as it can without waiting; 0 when it can take nothing now.</summary>
    int Send(ReadOnlySpan<byte> bytes);

    /// <summary>Gives what is there without waiting; 0 when nothing is.</summary>
    int Receive(Span<byte> into);

    /// <summary>Waits until bytes can be received or, asked so, sent; at most the given time.</summary>
    void Wait(bool forSending, long timeoutNanos);
}
