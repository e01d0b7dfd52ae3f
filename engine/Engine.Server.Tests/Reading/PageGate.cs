using Engine.Linux;
using Engine.Storage;

namespace Engine.Server.Tests;

/// <summary>What the engine's reader threads read with in tests: counts, and while it is shut lets none of them through.</summary>
internal sealed class PageGate : IDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);
    private readonly ManualResetEventSlim _open = new(initialState: true);
    private volatile string? _failing;
    private int _passedBeforeShut = int.MaxValue;
    private int _arrived;

    /// <summary>Pieces whose reading was begun.</summary>
    public int Arrived => Volatile.Read(ref _arrived);

    public PageReader NewReader() => new Reader(this);

    /// <summary>From now on lets <paramref name="more"/> pieces pass and then none.</summary>
    public void Shut(int more = 0)
    {
        Volatile.Write(ref _passedBeforeShut, Arrived + more);
        _open.Reset();
    }

    public void Open()
    {
        Volatile.Write(ref _passedBeforeShut, int.MaxValue);
        _open.Set();
    }

    /// <summary>Has reads of files in a folder fail as those of a broken disk do; null ends it.</summary>
    public void Break(string? folder) => _failing = folder;

    public void WaitForArrivals(int count) =>
        Assert.True(SpinWait.SpinUntil(() => Arrived >= count, Patience), $"{Arrived} reads were begun instead of {count}");

    public void Dispose() => _open.Dispose();

    /// <summary>Nothing is read ahead, so that each piece comes by the gate.</summary>
    private sealed class Reader(PageGate gate) : PageReader(aheadBytes: 0)
    {
        public override void Read(LogSlice slice, int from, int length)
        {
            Pass(slice);
            base.Read(slice, from, length);
        }

        public override int Copy(LogSlice slice, int from, int length, AlignedBuffer buffer, out int start)
        {
            Pass(slice);
            return base.Copy(slice, from, length, buffer, out start);
        }

        private void Pass(LogSlice slice)
        {
            if (Interlocked.Increment(ref gate._arrived) > Volatile.Read(ref gate._passedBeforeShut))
            {
                Assert.True(gate._open.Wait(Patience), "the test has not opened the gate");
            }

            if (gate._failing is { } folder && slice.Path.Contains(folder, StringComparison.Ordinal))
            {
                throw new LinuxException("pread", Errno.EIO, slice.Path);
            }
        }
    }
}
