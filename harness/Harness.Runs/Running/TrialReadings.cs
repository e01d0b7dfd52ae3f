using Harness.Load;
using Harness.Measure;
using Results;

namespace Harness.Runs;

/// <summary>
/// The readings of a trial in the order taken, and the per-second series that follows from them. A phase begins with a reading of
/// its own, so that no second belongs to two phases.
/// </summary>
internal sealed class TrialReadings
{
    private readonly MachineSampler _machine;
    private readonly ProcessSampler _generator = ProcessSampler.TryOpen(Environment.ProcessId)
        ?? throw new InvalidOperationException("the harness cannot read its own process in /proc");
    private readonly ProcessSampler? _broker;
    private readonly TrialClock _clock;
    private readonly List<SecondSample> _series = [];
    private readonly List<Reading> _window = [];
    private TrialPhase _phase;
    private Reading? _last;
    private bool _windowEnded;

    /// <param name="disk">The device under the broker's data by the kernel's name; null where it is not known.</param>
    public TrialReadings(int? brokerPid, TrialClock clock, string? disk = null)
    {
        _machine = new MachineSampler(disk);
        _broker = brokerPid is { } pid ? ProcessSampler.TryOpen(pid) : null;
        _clock = clock;
    }

    public IReadOnlyList<SecondSample> Series => _series;

    /// <summary>The readings of the counted window, from its begin to its end or to where the trial broke off.</summary>
    public IReadOnlyList<Reading> Window => _window;

    /// <summary>Starts a phase at this moment.</summary>
    public void Begin(TrialPhase phase, LoadSample totals)
    {
        _phase = phase;
        _last = Take(totals);
        if (phase == TrialPhase.Counted)
        {
            _window.Add(_last);
        }
    }

    /// <summary>Ends the counted window at this moment.</summary>
    public void EndWindow(LoadSample totals)
    {
        _window.Add(Take(totals));
        _windowEnded = true;
    }

    /// <summary>Takes a reading and gives the second that ended with it; null when no time has passed.</summary>
    public SecondSample? Add(LoadSample totals, LoadObservation observed)
    {
        Reading now = Take(totals);
        Reading before = _last!;
        double length = now.AtSecond - before.AtSecond;
        if (length <= 0)
        {
            return null;
        }

        SecondSample sample = new()
        {
            AtSecond = now.AtSecond,
            LengthSeconds = length,
            Phase = _phase,
            SentMessages = now.Load.Sent.Messages - before.Load.Sent.Messages,
            AcknowledgedMessages = now.Load.Acknowledged.Messages - before.Load.Acknowledged.Messages,
            ConsumedMessages = now.Load.Consumed.Messages - before.Load.Consumed.Messages,
            ConsumedValueBytes = now.Load.Consumed.ValueBytes - before.Load.Consumed.ValueBytes,
            BrokerCpuSeconds = (now.Broker?.CpuSeconds ?? 0) - (before.Broker?.CpuSeconds ?? 0),
            GeneratorCpuSeconds = now.Generator.CpuSeconds - before.Generator.CpuSeconds,
            BrokerAnonymousBytes = now.Broker?.AnonymousBytes,
            GeneratorAnonymousBytes = now.Generator.AnonymousBytes,
            DirtyBytes = now.Machine.DirtyBytes,
            PublishP99Micros = observed.PublishP99Micros,
            EndToEndP99Micros = observed.EndToEndP99Micros,
            BacklogMessages = observed.BacklogMessages,
            Violations = observed.Violations,
        };
        _series.Add(sample);
        if (_phase == TrialPhase.Counted && !_windowEnded)
        {
            _window.Add(now);
        }

        _last = now;
        return sample;
    }

    /// <summary>A broker that has died keeps the figures it had when last seen.</summary>
    private Reading Take(LoadSample totals) => new(
        _clock.Seconds, totals, _broker?.Sample() ?? _last?.Broker, _generator.Sample()!, _machine.Sample());
}
