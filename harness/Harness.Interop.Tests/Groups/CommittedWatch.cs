using System.Collections.Immutable;
using Harness.Interop.Tests.Clients;
using Harness.Targets;

namespace Harness.Interop.Tests.Groups;

/// <summary>Asks for a group's committed offsets again and again, from outside the group, and notes when one goes back.</summary>
internal sealed class CommittedWatch : IAsyncDisposable
{
    private static readonly TimeSpan Interval = TimeSpan.FromMilliseconds(200);

    private readonly CancellationTokenSource _over;
    private readonly Task<IReadOnlyList<string>> _watching;
    private readonly DriverClient _observer;
    private readonly BrokerAddress _broker;
    private readonly string _group;
    private readonly string _topic;
    private readonly int _partitions;

    public CommittedWatch(DriverClient observer, BrokerAddress broker, string group, string topic, int partitions, CancellationToken cancellation)
    {
        _observer = observer;
        _broker = broker;
        _group = group;
        _topic = topic;
        _partitions = partitions;
        _over = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        _watching = Task.Run(WatchAsync, cancellation);
    }

    /// <summary>How often it was asked, so that a watch that saw nothing is not taken for one that found nothing.</summary>
    public int Looks { get; private set; }

    /// <summary>Ends the watch and gives what went back.</summary>
    public async Task<IReadOnlyList<string>> EndAsync()
    {
        await _over.CancelAsync();
        return await _watching;
    }

    public async ValueTask DisposeAsync()
    {
        await EndAsync();
        _over.Dispose();
    }

    private async Task<IReadOnlyList<string>> WatchAsync()
    {
        List<string> steps = [];
        ImmutableArray<long> before = [];
        while (!_over.IsCancellationRequested)
        {
            ImmutableArray<long> now = await _observer.CommittedAsync(_broker, _group, _topic, _partitions, CancellationToken.None);
            Looks++;
            for (int partition = 0; partition < before.Length; partition++)
            {
                if (now[partition] < before[partition])
                {
                    steps.Add($"partition {partition}: from {before[partition]} to {now[partition]}");
                }
            }

            before = now;
            await Task.Delay(Interval, CancellationToken.None);
        }

        return steps;
    }
}
