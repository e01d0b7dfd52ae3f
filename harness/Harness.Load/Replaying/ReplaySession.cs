using Engine.Linux;
using Harness.Measure;
using Results;

namespace Harness.Load;

/// <summary>
/// The load of one trial with batches that were encoded before it, and consumers that do not unpack: what a broker carries when its clients cost
/// next to nothing. Either producers send all the time, with or without consumers at the tail, or they fill the topic first and consumers then read
/// it over and over.
/// </summary>
internal sealed class ReplaySession : ILoadSession
{
    private static readonly TimeSpan JoinTimeout = TimeSpan.FromSeconds(10);

    private readonly LoadOptions _options;
    private readonly ReplayPlan _plan;
    private readonly BrokerAddress _broker;
    private readonly CountedWindow _window = new();
    private readonly Backlog _backlog;
    private readonly CancellationTokenSource _ended = new();
    private readonly CancellationTokenSource _producersStopped = new();
    private readonly TaskCompletionSource<Exception> _failed = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly List<ReplayProducer> _producers = [];
    private readonly List<RawConsumer> _consumers = [];
    private readonly List<Worker> _producerWorkers = [];
    private readonly List<Worker> _consumerWorkers = [];
    private readonly LatencyInterval _publishInterval = new();
    private CancellationTokenRegistration _cancellation;
    private long[]? _ends;
    private bool _drained;
    private bool _disposed;
    private long _stoppedNanos;
    private LoadOutcome? _outcome;

    /// <exception cref="ArgumentException">The scenario asks for what the generator cannot do; one line says what.</exception>
    public ReplaySession(LoadOptions options)
    {
        _options = options;
        _plan = ReplayPlan.From(options.Scenario);
        _broker = new BrokerAddress(options.Broker);
        _backlog = _plan.Rereads ? Backlog.None : new Backlog(_plan.BacklogBytes, _plan.Groups);
    }

    public Exception? Failure => _failed.Task.IsCompletedSuccessfully ? _failed.Task.Result : null;

    public Task<Exception> Failed => _failed.Task;

    public void Start(CancellationToken cancellation)
    {
        _cancellation = cancellation.UnsafeRegister(static ended => ((CancellationTokenSource)ended!).Cancel(), _ended);
        ReplayBatch batch = new(_plan);
        for (int group = 0; group < _plan.Groups; group++)
        {
            for (int index = 0; index < _plan.ConsumersPerGroup; index++)
            {
                AddConsumer(group, index);
            }
        }

        for (int index = 0; index < _plan.Producers; index++)
        {
            AddProducer(index, batch);
        }

        if (_plan.Rereads)
        {
            Fill();
        }

        _consumerWorkers.ForEach(static worker => worker.Start());
        if (!_plan.Rereads)
        {
            _producerWorkers.ForEach(static worker => worker.Start());
        }
    }

    public LoadSample BeginWindow()
    {
        _window.Begin(MonotonicClock.Nanos());
        return Sample();
    }

    public LoadSample EndWindow()
    {
        _window.End(MonotonicClock.Nanos());
        return Sample();
    }

    public LoadSample Sample() => new(
        MonotonicClock.Nanos(),
        FlowCounters.Sum(_producers.Select(static producer => producer.Sent), _plan.ValueBytes),
        FlowCounters.Sum(_producers.Select(static producer => producer.Acknowledged), _plan.ValueBytes),
        FlowCounters.Sum(_consumers.Select(static consumer => consumer.Consumed), _plan.ValueBytes));

    public LoadObservation Observe()
    {
        const double Percentile = 99;
        LoadSample totals = Sample();
        return new LoadObservation(
            _plan.Rereads ? null : _publishInterval.Next(_producers.Select(static producer => producer.PublishLatency), Percentile),
            null,
            _plan.Groups == 0 || _plan.Rereads ? null : Math.Max(0, (totals.Acknowledged.Messages * _plan.Groups) - totals.Consumed.Messages),
            0);
    }

    public bool StopProducers()
    {
        _producersStopped.Cancel();
        bool ended = _producerWorkers.TrueForAll(worker => worker.Join(_options.FlushTimeout + JoinTimeout));
        _stoppedNanos = MonotonicClock.Nanos();
        _consumers.ForEach(static consumer => consumer.ShortenWaits());
        return ended && Failure is null && !_ended.IsCancellationRequested && _producers.TrueForAll(static producer => producer.IsIdle);
    }

    /// <summary>Waits for the tail, where one is read, and asks where the logs end.</summary>
    /// <inheritdoc/>
    public bool Drain(TimeSpan timeout, CancellationToken cancellation)
    {
        const int LookMs = 5;
        long deadline = MonotonicClock.Nanos() + (long)timeout.TotalNanoseconds;
        while (!_plan.Rereads && !_consumers.TrueForAll(consumer => consumer.HasReachedEndSince(_stoppedNanos)))
        {
            if (Failure is not null
                || _ended.IsCancellationRequested
                || MonotonicClock.Nanos() > deadline
                || cancellation.WaitHandle.WaitOne(LookMs))
            {
                return false;
            }
        }

        try
        {
            _ends = LogEnds.Ask(_broker, _options, _plan.Partitions, _ended.Token);
        }
        catch (Exception failure) when (failure is BrokerException or OperationCanceledException)
        {
            if (failure is BrokerException)
            {
                Fail(failure);
            }

            return false;
        }

        return _drained = true;
    }

    public LoadOutcome Finish()
    {
        if (_outcome is not null)
        {
            return _outcome;
        }

        _window.End(MonotonicClock.Nanos());
        EndWorkers();
        double windowNanos = _window.LengthNanos;
        _outcome = new LoadOutcome
        {
            Verification = ReplayVerdict.Draw(_plan, _producers, _consumers, _ends, _drained && Failure is null),
            Latency = new LatencyInfo
            {
                ClosedLoop = true,
                StampResolutionMicros = 0,
                Publish = _plan.Rereads ? null : LatencyRecorder.Merge(_producers.Select(static producer => producer.PublishLatency)).ToDocument(),
                EndToEnd = null,
            },
            Schedule = null,
            InFlightFullShare = windowNanos > 0 ? BrokerAwaitedNanos() / windowNanos : 0,
            AllocatedBytes = _producerWorkers.Concat(_consumerWorkers).ToDictionary(static worker => worker.Name, static worker => worker.AllocatedBytes),
        };
        return _outcome;
    }

    public void Dispose()
    {
        if (_disposed)
        {
            return;
        }

        _disposed = true;
        EndWorkers();
        _cancellation.Dispose();
        _producers.ForEach(static producer => producer.Dispose());
        _consumers.ForEach(static consumer => consumer.Dispose());
        _ended.Dispose();
        _producersStopped.Dispose();
    }

    /// <summary>Windows that were full; of those who only read, the time in which they waited for bytes.</summary>
    private double BrokerAwaitedNanos() => _plan.Rereads
        ? _consumers.Average(static consumer => (double)consumer.WaitedNanos)
        : _producers.Average(static producer => (double)producer.InFlight.FullNanos);

    /// <summary>Fills the topic, and tells the consumers how far it is filled.</summary>
    private void Fill()
    {
        _producerWorkers.ForEach(static worker => worker.Start());
        bool ended = _producerWorkers.TrueForAll(static worker => worker.Join(Timeout.InfiniteTimeSpan));
        if (Failure is BrokerException failure)
        {
            throw new BrokerException(failure);
        }

        _ended.Token.ThrowIfCancellationRequested();
        if (!ended || Failure is not null)
        {
            throw new InvalidOperationException("the topic could not be filled", Failure);
        }

        long[] ends = LogEnds.Ask(_broker, _options, _plan.Partitions, _ended.Token);
        _consumers.ForEach(consumer => consumer.Reread(ends));
    }

    private void AddConsumer(int group, int index)
    {
        RawConsumer consumer = new(_plan, _options, _broker, index, _window, _ended.Token);
        _consumers.Add(consumer);
        if (!_plan.Rereads)
        {
            _backlog.AddConsumer(group, consumer.Consumed);
        }

        _consumerWorkers.Add(new Worker($"consumer-{group}-{index}", _window, worker => consumer.Run(worker.Tick, _ended.Token), Fail));
    }

    private void AddProducer(int index, ReplayBatch batch)
    {
        ReplayProducer producer = new(_plan, index, batch, _options, _broker, _window, _backlog, _ended.Token);
        _producers.Add(producer);
        if (!_plan.Rereads)
        {
            _backlog.AddProducer(producer.Sent);
        }

        long bytes = _plan.Rereads ? _plan.PrefillBytes / _plan.Producers : long.MaxValue;
        _producerWorkers.Add(new Worker($"producer-{index}", _window, Produce, Fail));

        void Produce(Worker worker)
        {
            using CancellationTokenSource stop = CancellationTokenSource.CreateLinkedTokenSource(_producersStopped.Token, _ended.Token);
            try
            {
                producer.Run(worker.Tick, bytes, stop.Token);
                Flush(producer);
            }
            finally
            {
                producer.InFlight.Close(MonotonicClock.Nanos());
            }
        }
    }

    private void Flush(ReplayProducer producer)
    {
        long deadline = MonotonicClock.Nanos() + (long)_options.FlushTimeout.TotalNanoseconds;
        if (!producer.Flush(deadline, _ended.Token))
        {
            string limit = $"{_options.FlushTimeout.TotalSeconds:0} s";
            throw new BrokerException(_broker.Text, "Produce", $"not everything was acknowledged within {limit} after the load's end");
        }
    }

    private void Fail(Exception failure)
    {
        if (_failed.TrySetResult(failure))
        {
            _ended.Cancel();
        }
    }

    private void EndWorkers()
    {
        _ended.Cancel();
        foreach (Worker worker in _producerWorkers.Concat(_consumerWorkers))
        {
            if (!worker.Join(JoinTimeout))
            {
                throw new InvalidOperationException($"the thread {worker.Name} did not end within {JoinTimeout.TotalSeconds:0} s");
            }
        }
    }
}
