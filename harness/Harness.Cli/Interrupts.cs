using System.Runtime.InteropServices;
using Results;

namespace Harness.Cli;

/// <summary>
/// Ctrl-C (SIGINT) and SIGTERM while something runs. The first asks: the token is cancelled, and whoever runs ends its
/// helpers and saves what it has. The second ends the process at once. Handlers run on the runtime's signal thread.
/// </summary>
internal sealed class Interrupts : IDisposable
{
    private readonly CancellationTokenSource _asked = new();
    private readonly TextWriter _error;
    private readonly Action<int> _exit;
    private readonly PosixSignalRegistration[] _registrations;
    private int _count;

    public Interrupts(TextWriter error, Action<int>? exit = null)
    {
        _error = error;
        _exit = exit ?? Environment.Exit;
        _registrations =
        [
            PosixSignalRegistration.Create(PosixSignal.SIGINT, Handle),
            PosixSignalRegistration.Create(PosixSignal.SIGTERM, Handle),
        ];
    }

    public CancellationToken Token => _asked.Token;

    public void Dispose()
    {
        foreach (PosixSignalRegistration registration in _registrations)
        {
            registration.Dispose();
        }

        _asked.Dispose();
    }

    internal void Handle(PosixSignalContext context)
    {
        context.Cancel = true;
        if (Interlocked.Increment(ref _count) > 1)
        {
            _exit(ExitCodes.Interrupted);
            return;
        }

        _error.WriteLine("interrupted: ending what runs and saving what was measured; once more ends at once");

        // Not Cancel: a callback that blocks must not keep the second signal from being handled.
        _ = _asked.CancelAsync();
    }
}
