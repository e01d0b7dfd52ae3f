using System.Net;
using System.Runtime.ExceptionServices;
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
    private static readonly TimeSpan RemoveTimeout = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan ServedTimeout = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan FlushTimeout = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan DrainTimeout = TimeSpan.FromSeconds(60);

    /// <summary>Of the warm-up, at its end: each call of the broker that moves data is recorded.</summary>
    private static readonly TimeSpan RecordingMax = TimeSpan.FromSeconds(1);

    /// <summary>Of the counted window, at its beginning: the broker's calls are counted, which costs a twentieth of all CPU time where threads change often.</summary>
    private const double CountingShare = 0.1;
    private static readonly TimeSpan CountingMax = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan CountingMin = TimeSpan.FromSeconds(0.25);

    /// <summary>How long after a broken connection the news of the broker's death may arrive.</summary>
    private static readonly TimeSpan DeathNoticeDelay = TimeSpan.FromSeconds(3);

    private readonly ITarget _target;
    private readonly ScenarioInfo _scenario;
    private readonly string _topic;
    private readonly IRunProgress _progress;
    private readonly TrialReadings _readings;
    private readonly bool _profiled;
    private readonly TrialClock _clock = new();
    private readonly DateTimeOffset _startedUtc = DateTimeOffset.UtcNow;
    private readonly ManagedWindow _brokerHeap = new();
    private readonly ManagedWindow _generatorHeap = new();
    private bool _topicMade;
    private KernelEvidence? _evidence;
    private CountedMoment? _counted;
    private LoadOutcome? _outcome;
    private TrialEnd? _end;

    public TrialRun(ITarget target, ScenarioInfo scenario, string topic, IRunProgress progress, string? disk = null, bool profiled = false)
    {
        _target = target;
        _scenario = scenario;
        _topic = topic;
        _progress = progress;
        _profiled = profiled;
        _readings = new TrialReadings(target.ProcessId, _clock, disk);
    }

    /// <summary>True when it ended before its time.</summary>
    public bool Ended => _end is not null;

    /// <summary>Where the broker spent its CPU time in the counted window; null where that was not asked for, or the load never began.</summary>
    public ProcessProfile? Profile { get; private set; }

    /// <summary>Runs the trial to its end, whatever that is.</summary>
    public async Task RunAsync(CancellationToken cancellation)
    {
        try
        {
            using KafkaAdmin admin = await KafkaAdmin.ConnectAsync(_target.Address, cancellation: cancellation).ConfigureAwait(false);
            await admin.CreateTopicAsync(
                _topic, _scenario.Topic.Partitions, (short)_scenario.Topic.Replication, _scenario.Topic.Config, cancellation).ConfigureAwait(false);
            _topicMade = true;
            await admin.WaitUntilServedAsync(_topic, _scenario.Topic.Partitions, ServedTimeout, cancellation).ConfigureAwait(false);
            await LoadAsync(cancellation).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (cancellation.IsCancellationRequested)
        {
            End(TrialStatus.Interrupted, "interrupted");
        }
        catch (Exception failure) when (failure is TargetException or BrokerException or LinuxException)
        {
            // A dead broker shows first as a broken connection: its own last words say more than that.
            await Task.WhenAny(_target.Exited, Task.Delay(DeathNoticeDelay, CancellationToken.None)).ConfigureAwait(false);
            string own = failure is BrokerException { Error: not null } && _target.LastErrorLogged is { } line ? $"; the broker logged: {line}" : "";
            End(TrialStatus.Failed, _target.Exited.IsCompletedSuccessfully ? DescribeDeath() : failure.Message + own);
        }

        await RemoveTopicAsync().ConfigureAwait(false);
    }

    /// <summary>However the trial ended: a broker that is not ours must not keep what was made there.</summary>
    private async Task RemoveTopicAsync()
    {
        if (!_topicMade || _target.Exited.IsCompleted)
        {
            return;
        }

        try
        {
            using CancellationTokenSource over = new(RemoveTimeout);
            using KafkaAdmin admin = await KafkaAdmin.ConnectAsync(_target.Address, cancellation: over.Token).ConfigureAwait(false);
            await admin.DeleteTopicAsync(_topic, over.Token).ConfigureAwait(false);
        }
        catch (Exception failure) when (failure is TargetException or OperationCanceledException)
        {
            string why = failure is TargetException ? failure.Message : $"no answer within {RemoveTimeout.TotalSeconds:0} s";
            string left = $"topic {_topic} could not be removed: {why}";
            _end = _end is null ? new TrialEnd(TrialStatus.Failed, left, _clock.Seconds) : _end with { Cause = $"{_end.Cause}; {left}" };
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
        BrokerHeap = _brokerHeap.Used,
        GeneratorHeap = _generatorHeap.Used,
        Evidence = _evidence,
    });

    private async Task LoadAsync(CancellationToken cancellation)
    {
        IPEndPoint broker = await _target.Address.ResolveAsync(cancellation).ConfigureAwait(false);
        using ILoadSession session = LoadSessions.Create(new LoadOptions
        {
            Broker = broker.ToString(),
            Topic = _topic,
            Scenario = _scenario,
            FlushTimeout = FlushTimeout,
        });
        using EvidenceCollector? evidence = _target.ProcessId is { } pid ? EvidenceCollector.Attach(pid) : null;
        using CpuProfiler? profiler = _profiled && _target.ProcessId is { } sampled ? CpuProfiler.Attach(sampled) : null;
        using CancellationTokenSource loadEnds = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        Task looking = Task.CompletedTask;
        try
        {
            session.Start(cancellation);
            TimeSpan warmup = TimeSpan.FromSeconds(_scenario.WarmupSeconds);
            TimeSpan window = TimeSpan.FromSeconds(_scenario.Load.Sum(phase => phase.DuringSeconds));
            _readings.Begin(TrialPhase.Warmup, session.Sample());
            looking = RecordAsync(evidence, warmup, loadEnds.Token);
            await PhaseAsync(session, "warm-up", warmup, cancellation).ConfigureAwait(false);
            await looking.ConfigureAwait(false);
            if (_scenario.Consumers.Mode == "cold")
            {
                await Task.Run(() => BrokerFiles.PutOutOfCache(_target, _topic), CancellationToken.None).ConfigureAwait(false);
            }

            ManagedHeap? heap = await ManagedHeap.OfAsync(_target, cancellation).ConfigureAwait(false);
            if (heap is null)
            {
                evidence?.MissHeap();
            }

            _brokerHeap.Begin(heap);
            _generatorHeap.Begin(ManagedHeap.OfThisProcess());
            evidence?.Begin();
            profiler?.Begin();
            LoadSample begin = session.BeginWindow();
            _readings.Begin(TrialPhase.Counted, begin);
            looking = CountAsync(evidence, session, begin, window, loadEnds.Token);
            await PhaseAsync(session, "counted window", window, cancellation).ConfigureAwait(false);
            await looking.ConfigureAwait(false);
            _readings.EndWindow(session.EndWindow());
            evidence?.LookAtFiles();
            profiler?.End();
            _generatorHeap.End(ManagedHeap.OfThisProcess());
            _brokerHeap.End(await ManagedHeap.OfAsync(_target, cancellation).ConfigureAwait(false));
            await DrainAsync(session, cancellation).ConfigureAwait(false);
        }
        finally
        {
            _outcome = session.Finish();

            // A load that fails in its warm-up leaves nobody behind who still looks at the broker.
            await loadEnds.CancelAsync().ConfigureAwait(false);
            await looking.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            _evidence = evidence?.ToDocument();
            if (_evidence?.Calls is not null)
            {
                _evidence = _evidence with { Counted = _counted };
            }

            Profile = profiler?.ToProfile() ?? (_profiled ? ProcessProfile.NoProcess : null);
        }
    }

    /// <summary>Over before the counted window begins: what is recorded call by call slows a broker that makes many.</summary>
    private static async Task RecordAsync(EvidenceCollector? evidence, TimeSpan warmup, CancellationToken cancellation)
    {
        TimeSpan span = Least(warmup / 2, RecordingMax);
        if (evidence is null)
        {
            return;
        }

        await Task.Delay(warmup - span, cancellation).ConfigureAwait(false);
        await Task.Run(() => evidence.Record(span, cancellation), CancellationToken.None).ConfigureAwait(false);
    }

    /// <summary>For a small part of the window, so that what is judged hardly carries the cost, and of it, so that what is seen is what is judged.</summary>
    private async Task CountAsync(EvidenceCollector? evidence, ILoadSession session, LoadSample from, TimeSpan window, CancellationToken cancellation)
    {
        if (evidence is null)
        {
            return;
        }

        TimeSpan span = Least(CountingMax, Least(window / 2, window * CountingShare < CountingMin ? CountingMin : window * CountingShare));
        await Task.Delay(span, cancellation).ConfigureAwait(false);
        LoadSample to = session.Sample();
        evidence.End();
        _counted = TrialDocument.Counted(from, to);
    }

    private static TimeSpan Least(TimeSpan one, TimeSpan other) => one < other ? one : other;

    private async Task DrainAsync(ILoadSession session, CancellationToken cancellation)
    {
        _progress.Phase("drain", TimeSpan.Zero);
        _readings.Begin(TrialPhase.Drain, session.Sample());
        Task<string?> drained = Task.Run(
            () => !session.StopProducers() ? $"not everything was acknowledged within {FlushTimeout.TotalSeconds:0} s"
                : !session.Drain(DrainTimeout, cancellation) ? $"not everything was delivered within {DrainTimeout.TotalSeconds:0} s of the end"
                : null,
            CancellationToken.None);
        while (!drained.IsCompleted)
        {
            await Task.WhenAny(drained, Task.Delay(SampleInterval, CancellationToken.None)).ConfigureAwait(false);
            Second(session);
            ThrowIfFailed(session);
        }

        string? late = await drained.ConfigureAwait(false);
        cancellation.ThrowIfCancellationRequested();
        ThrowIfFailed(session);
        if (late is not null)
        {
            throw new TargetException(late);
        }
    }

    /// <summary>Samples once a second until the phase is over, the load fails, the broker dies, or the user has had enough.</summary>
    private async Task PhaseAsync(ILoadSession session, string name, TimeSpan length, CancellationToken cancellation)
    {
        _progress.Phase(name, length);
        double start = _clock.Seconds;
        for (int second = 1; ; second++)
        {
            double due = start + Math.Min(second * SampleInterval.TotalSeconds, length.TotalSeconds);
            TimeSpan left = TimeSpan.FromSeconds(Math.Max(0, due - _clock.Seconds));
            await Task.WhenAny(Task.Delay(left, cancellation), session.Failed, _target.Exited).ConfigureAwait(false);
            cancellation.ThrowIfCancellationRequested();
            ThrowIfFailed(session);

            Second(session);
            if (due >= start + length.TotalSeconds)
            {
                return;
            }
        }
    }

    private void Second(ILoadSession session)
    {
        if (_readings.Add(session.Sample(), session.Observe()) is { } sample)
        {
            _progress.Second(sample);
        }
    }

    private void ThrowIfFailed(ILoadSession session)
    {
        if (_target.Exited.IsCompletedSuccessfully)
        {
            throw new TargetException(DescribeDeath());
        }

        if (session.Failure is { } failure)
        {
            ExceptionDispatchInfo.Throw(failure);
        }
    }

    private string DescribeDeath() => $"{_target.Name}: the broker died in the run: {_target.Exited.Result.Describe()}";

    private void End(TrialStatus status, string cause) => _end ??= new TrialEnd(status, cause, _clock.Seconds);
}
