namespace Harness.Measure;

/// <summary>
/// Says how many places of the ring were written to the thread that serves them, and holds the one that writes back so that it stays few places ahead:
/// what is served then is still in the caches.
/// </summary>
internal sealed class HandOver(int ahead) : IDisposable
{
    /// <summary>More than anybody waits for behind the end.</summary>
    private const int NobodyWaits = 1 << 20;

    private readonly SemaphoreSlim _free = new(ahead);
    private readonly SemaphoreSlim _ready = new(0);
    private long _written;
    private long _taken;
    private volatile bool _closed;

    /// <summary>A place was written. Waits while the other is too far behind; false when it has ended.</summary>
    internal bool TryPut()
    {
        _free.Wait();
        if (_closed)
        {
            return false;
        }

        Volatile.Write(ref _written, _written + 1);
        _ready.Release();
        return true;
    }

    /// <summary>Waits for the next place. False when all were taken and the other has ended.</summary>
    internal bool TryTake()
    {
        _ready.Wait();
        if (_taken == Volatile.Read(ref _written))
        {
            return false;
        }

        _taken++;
        _free.Release();
        return true;
    }

    /// <summary>One of the two has ended, which the other need not wait for.</summary>
    internal void Close()
    {
        _closed = true;
        _free.Release(NobodyWaits);
        _ready.Release(NobodyWaits);
    }

    public void Dispose()
    {
        _free.Dispose();
        _ready.Dispose();
    }
}
