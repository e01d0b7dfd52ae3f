using Harness.Targets;

namespace Harness.Runs;

/// <summary>
/// The targets of a run, each running from when it is first asked for until the run's end: variants take turns on them, and a broker
/// that was started anew for each trial would be measured cold. One that waits for its turn uses no CPU to speak of.
/// </summary>
internal sealed class TargetPool(Func<string, ITarget> create, Func<ITarget, CancellationToken, Task> started) : IAsyncDisposable
{
    private readonly Dictionary<string, ITarget> _targets = [];

    /// <summary>The target of that name, started.</summary>
    public async Task<ITarget> GetAsync(string name, CancellationToken cancellation)
    {
        if (!_targets.TryGetValue(name, out ITarget? target))
        {
            target = create(name);
            _targets.Add(name, target);
            await started(target, cancellation).ConfigureAwait(false);
        }

        return target;
    }

    /// <summary>Ends all of them, also when one cannot be ended; the first failure is then thrown.</summary>
    public async ValueTask DisposeAsync()
    {
        List<Exception> failures = [];
        foreach (ITarget target in _targets.Values.Reverse())
        {
            try
            {
                await target.DisposeAsync().ConfigureAwait(false);
            }
            catch (TargetException failure)
            {
                failures.Add(failure);
            }
        }

        _targets.Clear();
        if (failures.Count > 0)
        {
            throw new TargetException(failures[0].Message, failures[0]);
        }
    }
}
