using Results;

namespace Harness.Targets;

/// <summary>
/// A broker that is driven: one that the harness starts itself, or one that runs already at an address.
/// <para>
/// The order is start, use, stop, dispose; a target that was stopped may be started again and finds its data as it left them.
/// Dispose stops what still runs and removes whatever the target brought into being (process, data directory), also after a
/// start that failed. A target that runs already is started by finding it, and stopped by letting go of it.
/// </para>
/// Not thread-safe: one owner calls it, in order. <see cref="Exited"/> may be awaited from anywhere.
/// Whatever goes wrong is a <see cref="TargetException"/>.
/// </summary>
public interface ITarget : IAsyncDisposable
{
    /// <summary>As given on the command line or in the scenario: <c>engine</c>, <c>kafka</c>, <c>kafka://host:port</c>.</summary>
    string Name { get; }

    /// <summary>Where clients connect first. There is one once the target is started.</summary>
    BrokerAddress Address { get; }

    /// <summary>The broker's process, for evidence from outside; null where it is not on this machine or not known.</summary>
    int? ProcessId { get; }

    /// <summary>
    /// Completes when the broker's process ends, asked or not. Never completes for a target whose process is not ours to
    /// watch. It belongs to the last start.
    /// </summary>
    Task<TargetExit> Exited { get; }

    /// <summary>The last error in the broker's own log, with no path of this machine in it; null where there is none that we see.</summary>
    string? LastErrorLogged { get; }

    /// <summary>Returns when the broker serves. Cancelled, it leaves no process behind.</summary>
    Task StartAsync(CancellationToken cancellation = default);

    /// <summary>Product, version, and the effective configuration, asked of the broker itself.</summary>
    Task<TargetInfo> DescribeAsync(CancellationToken cancellation = default);

    /// <summary>Ends the broker as an operator would; what it acknowledged stays on disk. Harmless when it has ended already.</summary>
    Task StopAsync();
}
