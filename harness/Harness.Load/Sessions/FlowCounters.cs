using Results;

namespace Harness.Load;

/// <summary>
/// What one worker thread has moved so far. Written by that thread alone with plain stores, read by anybody at any time: a sampler
/// neither locks nor bounces the writer's cache line more than once a sample. The four counts are each exact, not one instant.
/// </summary>
internal sealed class FlowCounters
{
    private const int Messages = 8;
    private const int WireBytes = 9;
    private const int Batches = 10;

    // The cells in the middle have a cache line to themselves.
    private readonly long[] _cells = new long[24];

    public long MessageCount => Volatile.Read(ref _cells[Messages]);

    public long WireByteCount => Volatile.Read(ref _cells[WireBytes]);

    public void AddMessages(long count) => Volatile.Write(ref _cells[Messages], _cells[Messages] + count);

    public void AddBatch(int wireBytes)
    {
        Volatile.Write(ref _cells[WireBytes], _cells[WireBytes] + wireBytes);
        Volatile.Write(ref _cells[Batches], _cells[Batches] + 1);
    }

    public static FlowTotals Sum(IEnumerable<FlowCounters> workers, int valueBytes)
    {
        long messages = 0;
        long wireBytes = 0;
        long batches = 0;
        foreach (FlowCounters worker in workers)
        {
            messages += worker.MessageCount;
            wireBytes += worker.WireByteCount;
            batches += Volatile.Read(ref worker._cells[Batches]);
        }

        return new FlowTotals(messages, messages * valueBytes, wireBytes, batches);
    }
}
