using Engine.Linux;
using Harness.Measure;

namespace Harness.Runs;

/// <summary>
/// What earlier trials and ceilings left to be written to the device. During the next trial it would be written beside it, and it would count against the
/// limits above which the kernel writes back what is dirty, and holds writers up: a ring that fits by itself would not fit beside it.
/// </summary>
internal sealed class LeftToWrite(string directory, long backgroundBytes, IRunProgress progress)
{
    /// <summary>So small a part of the kernel's background threshold makes no difference.</summary>
    private const int PartLeft = 8;

    /// <summary>Files of a deleted topic need not be written: while there is less from one look to the next, it is waited for.</summary>
    private const int LookMs = 200;
    private static readonly TimeSpan WritingTimeout = TimeSpan.FromSeconds(60);

    private readonly MachineSampler _machine = new();

    /// <summary>Waits until next to nothing is left, and has the folder's filesystem written when that is not by itself.</summary>
    /// <returns>Null, or a note: what was still left.</returns>
    /// <exception cref="LinuxException">The filesystem could not be written.</exception>
    public async Task<string?> SettleAsync(CancellationToken cancellation)
    {
        long before = long.MaxValue;
        while (IsMuch(out long bytes))
        {
            if (bytes >= before)
            {
                return await WriteAsync(cancellation).ConfigureAwait(false);
            }

            before = bytes;
            await Task.Delay(LookMs, cancellation).ConfigureAwait(false);
        }

        return null;
    }

    private async Task<string?> WriteAsync(CancellationToken cancellation)
    {
        progress.Phase("what is left to be written", TimeSpan.Zero);
        try
        {
            await Task.Run(() => Files.SyncFilesystem(directory), cancellation).WaitAsync(WritingTimeout, cancellation).ConfigureAwait(false);
        }
        catch (TimeoutException)
        {
            // What is left is told below.
        }

        return IsMuch(out _) ? "Before a trial more dirty pages than an eighth of the kernel's background threshold were left, of other processes or a slow device." : null;
    }

    private bool IsMuch(out long bytes)
    {
        MachineSnapshot now = _machine.Sample();
        bytes = now.DirtyBytes + now.WritebackBytes;
        return bytes > backgroundBytes / PartLeft;
    }
}
