using Engine.Linux;

namespace Harness.Load;

/// <summary>
/// A thread of the load with a name, and what it allocated in the counted window. The body runs on the thread; <see cref="Tick"/> is for the body
/// to call now and then; the rest is the session's.
/// </summary>
internal sealed class Worker
{
    /// <summary>
    /// Enough that a thread of another process that has something to do, a compiler's say, does not keep the processor for milliseconds, and not so much that
    /// the broker hardly gets it from a thread that yields (docs/load.md has what was measured).
    /// </summary>
    private const int PunctualNice = -12;

    private readonly Thread _thread;
    private readonly CountedWindow _window;
    private long _allocatedAtBegin = -1;
    private long _allocatedAtEnd = -1;

    private readonly bool _isPunctual;

    /// <param name="failed">Called on the thread with what the body threw, cancellation excepted.</param>
    /// <param name="isPunctual">It has a schedule to keep, and goes before others where the user may have it so.</param>
    public Worker(string name, CountedWindow window, Action<Worker> body, Action<Exception> failed, bool isPunctual = false)
    {
        _window = window;
        _isPunctual = isPunctual;
        Tick = ReadAllocated;
        _thread = new Thread(() => Run(body, failed)) { Name = name, IsBackground = true };
    }

    public string Name => _thread.Name!;

    /// <summary>The nice value with which it runs; that of the process before it has begun.</summary>
    public int Nice { get; private set; } = ThreadScheduling.Nice;

    /// <summary>Notes the bytes allocated so far when the window begins and ends. One delegate, so that calling it allocates nothing.</summary>
    public Action Tick { get; }

    /// <summary>Bytes allocated in the window by this thread; 0 when it never was in it.</summary>
    public long AllocatedBytes => _allocatedAtBegin < 0 ? 0 : _allocatedAtEnd - _allocatedAtBegin;

    public void Start() => _thread.Start();

    /// <summary>False when the thread has not ended in time.</summary>
    public bool Join(TimeSpan timeout) => (_thread.ThreadState & ThreadState.Unstarted) != 0 || _thread.Join(timeout);

    private void Run(Action<Worker> body, Action<Exception> failed)
    {
        ThreadScheduling.TryShortenSlices();
        if (_isPunctual && ThreadScheduling.TrySetNice(PunctualNice))
        {
            Nice = PunctualNice;
        }

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
