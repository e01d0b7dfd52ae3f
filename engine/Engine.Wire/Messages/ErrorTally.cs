namespace Engine.Wire;

/// <summary>How often each error was answered. Written by one thread, read by any.</summary>
public sealed class ErrorTally
{
    private const int CodesMax = 160;
    private const int CodeMin = -1;

    private readonly long[] _counts = new long[CodesMax];

    /// <summary>Every error that occurred, with its count.</summary>
    public IEnumerable<(ErrorCode Error, long Count)> Counts => _counts
        .Select((_, i) => ((ErrorCode)(i + CodeMin), Volatile.Read(ref _counts[i])))
        .Where(error => error.Item2 > 0);

    public void Count(ErrorCode error)
    {
        int index = (short)error - CodeMin;
        if ((uint)index < CodesMax)
        {
            _counts[index]++;
        }
    }
}
