namespace Engine.Linux;

/// <summary>
/// The aligned buffers of the process that are free. Any thread: they go from a thread that reads to a loop that sends, so pools a thread would
/// run dry on one side. The lock is taken once for a quarter of a mebibyte.
/// </summary>
public static class AlignedBuffers
{
    /// <summary>Buffers that are kept: 32 MiB. What comes back beyond it is left to the collector.</summary>
    private const int KeptMax = 128;

    private static readonly Stack<AlignedBuffer> Free = new(KeptMax);

    public static AlignedBuffer Rent()
    {
        lock (Free)
        {
            if (Free.TryPop(out AlignedBuffer? buffer))
            {
                return buffer;
            }
        }

        return new AlignedBuffer();
    }

    /// <summary>Gives a buffer back, once.</summary>
    public static void Return(AlignedBuffer buffer)
    {
        lock (Free)
        {
            if (Free.Count < KeptMax)
            {
                Free.Push(buffer);
            }
        }
    }
}
