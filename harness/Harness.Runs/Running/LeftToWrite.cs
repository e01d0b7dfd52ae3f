using Engine.Linux;
using Harness.Measure;

namespace Harness.Runs;

/// <summary>
/// What earlier trials and ceilings left to be written to the device, or to be removed from it. During the next trial it would be done beside it, and what is
/// dirty would count against the limits above which the kernel writes back, and holds writers up: a ring that fits by itself would not fit beside it.
/// </summary>
/// <param name="directory">On the filesystem that is to be written.</param>
/// <param name="disk">The kernel's name of its device; null where that is not known.</param>
/// <param name="backgroundBytes">The kernel's threshold for writing in the background.</param>
internal sealed class LeftToWrite(string directory, string? disk, long backgroundBytes, IRunProgress progress)
{
    /// <summary>So small a part of the kernel's background threshold makes no difference.</summary>
    private const int PartLeft = 8;

    /// <summary>A device that worked for less of the time between two looks rests.</summary>
    private const double RestingShare = 0.5;
    private const int LookMs = 20;

    /// <summary>Files of a deleted topic need not be written: as long as there is less than before so much time, it is waited for.</summary>
    private const int RemovalMs = 200;
    private static readonly TimeSpan Timeout = TimeSpan.FromSeconds(60);

    private readonly MachineSampler _machine = new(disk);

    /// <summary>Waits until next to nothing is left and the device rests, and has the filesystem written when it is not by itself.</summary>
    /// <returns>Null, or a note: it took too long.</returns>
    /// <exception cref="LinuxException">The filesystem could not be written.</exception>
    public async Task<string?> SettleAsync(CancellationToken cancellation)
    {
        long beginNanos = MonotonicClock.Nanos();
        Task? writing = null;
        MachineSnapshot last = _machine.Sample();
        MachineSnapshot fewest = last;
        while (MonotonicClock.Nanos() - beginNanos < Timeout.TotalNanoseconds)
        {
            await Task.Delay(LookMs, cancellation).ConfigureAwait(false);
            MachineSnapshot now = _machine.Sample();
            if (writing is { IsCompleted: true })
            {
                await writing.ConfigureAwait(false);
            }

            bool much = Left(now) > backgroundBytes / PartLeft;
            if (!much && writing is not { IsCompleted: false } && !(MachineSnapshot.DiskBusyShare(last, now) > RestingShare))
            {
                return null;
            }

            if (Left(now) < Left(fewest))
            {
                fewest = now;
            }
            else if (much && writing is null && now.AtNanos - fewest.AtNanos > RemovalMs * 1_000_000L)
            {
                progress.Phase("what is left to be written", TimeSpan.Zero);
                writing = Task.Run(() => Files.SyncFilesystem(directory), cancellation);
            }

            last = now;
        }

        return $"Before a trial it was waited in vain for {Timeout.TotalSeconds:0} s that the device rests and less than an eighth of the kernel's background threshold is dirty.";
    }

    private static long Left(MachineSnapshot machine) => machine.DirtyBytes + machine.WritebackBytes;
}
