using Engine.Linux;

namespace Harness.Load;

/// <summary>
/// A thread of the load with a name, and what it allocated in the counted window. The body runs on the thread; <see cref="Tick"/> is for the body
/// to call now and then; the rest is the session's.
/// </summary>
internal sealed class Worker
{
    private readonly Thread _thread;
    private readonly CountedWindow _window;
    private long _allocatedAtBegin = -1;
    private long _allocatedAtEnd = -1;

    /// <param name="failed">Called on the thread with what the body threw, cancellation excepted.</param>
    public Worker(string name, CountedWindow window, Action<Worker> body, Action<Exception> failed)
    {
        _window = window;
        Tick = ReadAllocated;
        _thread = new Thread(() => Run(body, failed)) { Name = name, IsBackground = true };
    }

    public string Name => _thread.Name!;

    /// <summary>Notes the bytes allocated so far when the window begins and ends. One delegate, so that calling it allocates nothing.</summary>
    public Action Tick { get; }

    /// <summary>Bytes allocated in the window by this thread; 0 when it never was in it.</summary>
    public long AllocatedBytes => _allocatedAtBegin < 0 ? 0 : _allocatedAtEnd - _allocatedAtBegin;

    public void Start() => _thread.Start();

    /// <summary>False when the thread has not ended in time.</summary>
    public bool Join(TimeSpan timeout) => (_thread.ThreadState & ThreadState.Unstarted) != 0 || _thread.Join(timeout);

    private void Run(Action<Worker> body, Action<Exception> failed)
    {
        ThreadSlices.TryShorten();
        try
        {
            body(this);
        }
        catch (OperationCanceledException)
        {
            // The session ended it.
        }
        catch (Exception failure)
        {
            failed(failure);
        }

        ReadAllocated();
        if (_allocatedAtBegin >= 0 && _allocatedAtEnd < 0)
        {
            _allocatedAtEnd = GC.GetAllocatedBytesForCurrentThread();
        }
    }

    private void ReadAllocated()
    {
        if (_allocatedAtBegin < 0 && _window.HasBegun)
        {
            _allocatedAtBegin = GC.GetAllocatedBytesForCurrentThread();
        }

        if (_allocatedAtEnd < 0 && _window.HasEnded)
        {
            _allocatedAtEnd = GC.GetAllocatedBytesForCurrentThread();
        }
    }
}
