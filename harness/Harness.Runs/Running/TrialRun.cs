using Engine.Linux;
using Harness.Load;
using Harness.Measure;
using Harness.Targets;
using Results;

namespace Harness.Runs;

/// <summary>How a trial ended before its time.</summary>
/// <param name="Status">Interrupted or failed.</param>
internal sealed record TrialEnd(TrialStatus Status, string Cause, double AtSecond);

/// <summary>
/// One trial on one target: topic, consumers, producers, warm-up, counted window, drain, verification, topic removed. Sampled once a second
/// throughout. However it ends, what was measured until then becomes a <see cref="Trial"/>: an interrupt, a dead broker or a full
/// disk void nothing that came before them.
/// <para>Owned by the run; its methods are called in order.</para>
/// </summary>
internal sealed class TrialRun
{
    private static readonly TimeSpan SampleInterval = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan FlushTimeout = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan DrainTimeout = TimeSpan.FromSeconds(60);

    private readonly ITarget _target;
    private readonly ScenarioInfo _scenario;
    private readonly string _topic;
    private readonly IRunProgress _progress;
    private readonly TrialReadings _readings;
    private readonly TrialClock _clock = new();
    private readonly DateTimeOffset _startedUtc = DateTimeOffset.UtcNow;
    private ManagedReading? _managedBefore;
    private ManagedReading? _managedAfter;
    private LoadOutcome? _outcome;
    private TrialEnd? _end;

    public TrialRun(ITarget target, ScenarioInfo scenario, string topic, IRunProgress progress)
    {
        _target = target;
        _scenario = scenario;
        _topic = topic;
        _progress = progress;
        _readings = new TrialReadings(target.ProcessId, _clock);
    }

    /// <summary>True when it ended before its time.</summary>
    public bool Ended => _end is not null;

    /// <summary>Runs the trial to its end, whatever that is.</summary>
    public async Task RunAsync(CancellationToken cancellation)
    {
        try
        {
            using KafkaAdmin admin = await KafkaAdmin.ConnectAsync(_target.Address, cancellation: cancellation).ConfigureAwait(false);
            await admin.CreateTopicAsync(
                _topic, _scenario.Topic.Partitions, (short)_scenario.Topic.Replication, _scenario.Topic.Config, cancellation).ConfigureAwait(false);
            await LoadAsync(cancellation).ConfigureAwait(false);
            await admin.DeleteTopicAsync(_topic, CancellationToken.None).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (cancellation.IsCancellationRequested)
        {
            End(TrialStatus.Interrupted, "interrupted");
        }
        catch (Exception failure) when (failure is TargetException or BrokerException or LinuxException)
        {
            // A dead broker shows first as a broken connection: its own last words say more than that.
            string cause = _target.Exited.IsCompletedSuccessfully ? DescribeDeath() : failure.Message;
            End(TrialStatus.Failed, cause);
        }
    }

    /// <summary>The trial as a document.</summary>
    public Trial ToDocument(TrialContext context) => TrialDocument.Build(new TrialParts
    {
        Context = context,
        Target = _target.Name,
        Scenario = _scenario,
        StartedUtc = _startedUtc,
        End = _end,
        Readings = _readings,
        Outcome = _outcome,
        Managed = ManagedReading.Between(_managedBefore, _managedAfter),
    });

    private async Task LoadAsync(CancellationToken cancellation)
    {
        await using LoadSession session = new(LoadPlan.Of(_scenario, await _target.Address.ResolveAsync(cancellation).ConfigureAwait(false), _topic));
        try
        {
            session.Start(cancellation);
            TimeSpan warmup = TimeSpan.FromSeconds(_scenario.WarmupSeconds);
            TimeSpan window = TimeSpan.FromSeconds(_scenario.Load.Sum(phase => phase.DuringSeconds));
            await PhaseAsync(session, TrialPhase.Warmup, warmup, cancellation).ConfigureAwait(false);
            _managedBefore = await ManagedReading.TakeAsync(_target, cancellation).ConfigureAwait(false);
            session.BeginWindow();
            _readings.Begin(TrialPhase.Counted, session.Sample());
            await PhaseAsync(session, TrialPhase.Counted, window, cancellation).ConfigureAwait(false);
            session.EndWindow();
            _readings.EndWindow(session.Sample());
            _managedAfter = await ManagedReading.TakeAsync(_target, cancellation).ConfigureAwait(false);
            await DrainAsync(session, cancellation).ConfigureAwait(false);
        }
        finally
        {
            _outcome = session.Finish();
        }
    }

    private async Task DrainAsync(LoadSession session, CancellationToken cancellation)
    {
        _progress.Phase("drain", TimeSpan.Zero);
        _readings.Begin(TrialPhase.Drain, session.Sample());
        Task<string?> drained = Task.Run(
            () => !session.StopProducers(FlushTimeout, cancellation) ? $"not everything was acknowledged within {FlushTimeout.TotalSeconds:0} s"
                : !session.Drain(DrainTimeout, cancellation) ? $"not everything was delivered within {DrainTimeout.TotalSeconds:0} s of the end"
                : null,
            CancellationToken.None);
        while (!drained.IsCompleted)
        {
            await Task.WhenAny(drained, Task.Delay(SampleInterval, CancellationToken.None)).ConfigureAwait(false);
            Second(session);
            if (_target.Exited.IsCompletedSuccessfully && !drained.IsCompleted)
            {
                throw new TargetException(DescribeDeath());
            }
        }

        if (await drained.ConfigureAwait(false) is { } late)
        {
            throw new TargetException(late);
        }
    }

    /// <summary>Samples once a second until the phase is over, the load fails, the broker dies, or the user has had enough.</summary>
    private async Task PhaseAsync(LoadSession session, TrialPhase phase, TimeSpan length, CancellationToken cancellation)
    {
        _progress.Phase(phase == TrialPhase.Warmup ? "warm-up" : "counted window", length);
        if (phase == TrialPhase.Warmup)
        {
            _readings.Begin(phase, session.Sample());
        }

        double start = _clock.Seconds;
        for (int second = 1; ; second++)
        {
            double due = start + Math.Min(second * SampleInterval.TotalSeconds, length.TotalSeconds);
            TimeSpan left = TimeSpan.FromSeconds(Math.Max(0, due - _clock.Seconds));
            Task first = await Task.WhenAny(Task.Delay(left, cancellation), session.Failed, _target.Exited).ConfigureAwait(false);
            cancellation.ThrowIfCancellationRequested();
            await first.ConfigureAwait(false);
            if (_target.Exited.IsCompletedSuccessfully)
            {
                throw new TargetException(DescribeDeath());
            }

            Second(session);
            if (due >= start + length.TotalSeconds)
            {
                return;
            }
        }
    }

    private void Second(LoadSession session)
    {
        if (_readings.Add(session.Sample()) is { } sample)
        {
            _progress.Second(sample);
        }
    }

    private string DescribeDeath() => $"{_target.Name}: the broker died in the run: {_target.Exited.Result.Describe()}";

    private void End(TrialStatus status, string cause) => _end ??= new TrialEnd(status, cause, _clock.Seconds);
}
