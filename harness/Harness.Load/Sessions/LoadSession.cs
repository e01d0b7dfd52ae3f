using Engine.Linux;
using Engine.Wire;
using Harness.Measure;
using Results;

namespace Harness.Load;

/// <summary>
/// The load of one trial on one broker: a thread for each producer and each consumer of each group, their verifier, and the counted
/// window.
/// <para>
/// Order of use: <see cref="Start"/>, <see cref="BeginWindow"/>, <see cref="EndWindow"/>, <see cref="StopProducers"/>,
/// <see cref="Drain"/>, <see cref="Finish"/>, Dispose; <see cref="Sample"/> at any time. After a failure or cancellation
/// <see cref="Finish"/> may follow at once, and tells what is known. All of it is for one controlling thread, except Sample,
/// <see cref="Failure"/> and <see cref="Failed"/>.
/// </para>
/// </summary>
public sealed class LoadSession : ILoadSession
{
    private static readonly TimeSpan JoinTimeout = TimeSpan.FromSeconds(10);

    /// <summary>
    /// How long after the last acknowledgement an acknowledged message may still be invisible to a consumer at the log's end (a
    /// high watermark that waits for replicas) before it is given up.
    /// </summary>
    private static readonly TimeSpan VisibilityGrace = TimeSpan.FromSeconds(2);

    /// <summary>For a producer's thread to be there when the load starts.</summary>
    private static readonly TimeSpan StartTimeOfThread = TimeSpan.FromMilliseconds(1);

    private readonly LoadOptions _options;
    private readonly LoadPlan _plan;
    private readonly BrokerAddress _broker;
    private readonly Verifier _verifier;
    private readonly CountedWindow _window = new();
    private readonly Backlog _backlog;
    private readonly CancellationTokenSource _ended = new();
    private readonly CancellationTokenSource _producersStopped = new();
    private readonly TaskCompletionSource<Exception> _failed = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly CountdownEvent _consumersReady;
    private readonly List<ProducerLoad> _loads = [];
    private readonly List<Worker> _producerWorkers = [];
    private readonly List<Worker> _consumerWorkers = [];
    private readonly List<NativeProducer> _producers = [];
    private readonly List<NativeConsumer> _consumers = [];
    private readonly List<FetchProcessor> _processors = [];
    private readonly List<LatencyRecorder> _endToEnd = [];
    private readonly List<LatencyRecorder> _sealedEndToEnd = [];
    private readonly LatencyInterval _publishInterval = new();
    private readonly LatencyInterval _endToEndInterval = new();
    private CancellationTokenRegistration _cancellation;
    private long _startNanos;
    private long _stoppedNanos;
    private bool _drained;
    private bool _disposed;
    private LoadOutcome? _outcome;

    /// <exception cref="ArgumentException">The scenario asks for what the generator cannot do; one line says what.</exception>
    /// <exception cref="MissingCodecException">Its compression needs a library that is not installed.</exception>
    public LoadSession(LoadOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        _options = options;
        _plan = LoadPlan.From(options.Scenario);
        _broker = new BrokerAddress(options.Broker);
        _verifier = new Verifier(_plan.VerifierOptions(_plan.Groups));
        _backlog = new Backlog(_plan.BacklogBytes, _plan.Groups);
        _consumersReady = new CountdownEvent(Math.Max(1, _plan.Groups * _plan.ConsumersPerGroup));
    }

    /// <summary>The first failure of any worker: a <see cref="BrokerException"/> unless something unforeseen happened. It stops the others.</summary>
    public Exception? Failure => _failed.Task.IsCompletedSuccessfully ? _failed.Task.Result : null;

    /// <summary>Completes with the first failure; never, if there is none.</summary>
    public Task<Exception> Failed => _failed.Task;

    /// <summary>What was read long after it was written, or carries no stamp, has no time of its own.</summary>
    private bool HasEndToEnd => _endToEnd.Count > 0 && !_plan.CatchUp && ValueLayout.HasIdentity(_plan.ValueBytes);

    /// <summary>Of all producers; after <see cref="Finish"/>.</summary>
    internal LatencyRecorder PublishLatency => LatencyRecorder.Merge(_producers.Select(static producer => producer.PublishLatency));

    /// <summary>The same from when batches were due to be sealed.</summary>
    internal LatencyRecorder SealedPublishLatency => LatencyRecorder.Merge(_producers.Select(static producer => producer.SealedPublishLatency));

    /// <summary>The last of its phases is an open one, and all that was due in the counted window has been sent. Any thread.</summary>
    internal bool HasSentWindow => _loads.TrueForAll(load => load.Schedule.SentBeforeNanos >= _window.EndNanos);

    /// <summary>When the counted window begins; long.MaxValue while that is not known.</summary>
    internal long WindowBeginNanos => _window.BeginNanos;

    /// <summary>
    /// Connects everything, waits until each tail consumer has fetched once at its partitions' ends, and then lets the producers go: all at the one
    /// moment at which this returns, from which warm-up and phases are counted.
    /// </summary>
    /// <param name="cancellation">Ends the session within about 100 ms, now or at any time later.</param>
    /// <exception cref="BrokerException">The broker could not be reached, or refused.</exception>
    public void Start(CancellationToken cancellation)
    {
        _cancellation = cancellation.UnsafeRegister(static ended => ((CancellationTokenSource)ended!).Cancel(), _ended);
        for (int group = 0; group < _plan.Groups; group++)
        {
            for (int consumer = 0; consumer < _plan.ConsumersPerGroup; consumer++)
            {
                AddConsumer(group, consumer);
            }
        }

        for (int producer = 0; producer < _plan.Producers; producer++)
        {
            AddProducer(producer);
        }

        _consumerWorkers.ForEach(static worker => worker.Start());
        if (_consumerWorkers.Count > 0)
        {
            WaitForConsumers();
        }

        _startNanos = MonotonicClock.Nanos() + (long)(StartTimeOfThread * (1 + _producerWorkers.Count)).TotalNanoseconds;
        if (_plan.IsScheduled)
        {
            long windowNanos = _startNanos + _plan.WarmupNanos;
            _window.Plan(windowNanos, windowNanos + _plan.CountedNanos);
        }

        _producerWorkers.ForEach(static worker => worker.Start());
        TimeSpan left = TimeSpan.FromMicroseconds(Math.Max(0, _startNanos - MonotonicClock.Nanos()) / 1000);
        _ended.Token.WaitHandle.WaitOne(left);
    }

    /// <summary>
    /// Begins the counted window, unless the load has a schedule, which says itself when warm-up is over and the window is: then only the
    /// totals are of this moment. Totals at the beginning.
    /// </summary>
    public LoadSample BeginWindow()
    {
        _window.Begin(MonotonicClock.Nanos());
        return Sample();
    }

    /// <summary>Ends the counted window, if its schedule has not ended it already: totals at its end.</summary>
    public LoadSample EndWindow()
    {
        _window.End(MonotonicClock.Nanos());
        return Sample();
    }

    /// <summary>Totals so far. Any thread; disturbs no worker.</summary>
    public LoadSample Sample() => new(
        MonotonicClock.Nanos(),
        FlowCounters.Sum(_producers.Select(static producer => producer.Sent), _plan.ValueBytes),
        FlowCounters.Sum(_producers.Select(static producer => producer.Acknowledged), _plan.ValueBytes),
        FlowCounters.Sum(_processors.Select(static processor => processor.Consumed), _plan.ValueBytes));

    /// <summary>What a watcher wants to know besides totals, since it last asked. One thread; disturbs no worker.</summary>
    public LoadObservation Observe()
    {
        const double Percentile = 99;
        LoadSample totals = Sample();
        return new LoadObservation(
            _plan.Acks == Acks.None ? null : _publishInterval.Next(_producers.Select(static producer => producer.PublishLatency), Percentile),
            HasEndToEnd ? _endToEndInterval.Next(_endToEnd, Percentile) : null,
            _plan.Groups == 0 ? null : Math.Max(0, (totals.Acknowledged.Messages * _plan.Groups) - totals.Consumed.Messages),
            _verifier.ViolationsSoFar);
    }

    /// <summary>Stops sending and returns when everything sent is acknowledged, or a worker failed, or the session was cancelled.</summary>
    /// <returns>True when everything is acknowledged (with acks none: handed to the connection).</returns>
    public bool StopProducers()
    {
        _producersStopped.Cancel();
        bool ended = _producerWorkers.TrueForAll(worker => worker.Join(_options.FlushTimeout + JoinTimeout));
        _stoppedNanos = MonotonicClock.Nanos();
        _consumers.ForEach(static consumer => consumer.ShortenWaits());
        return ended && Failure is null && !_ended.IsCancellationRequested && _producers.TrueForAll(static producer => producer.IsIdle);
    }

    /// <summary>
    /// Waits until the consumers have read to the log's end and been delivered everything acknowledged, or, at the end for a while, will not
    /// be. After <see cref="StopProducers"/>.
    /// </summary>
    /// <returns>True when reading came to the end; false at the time limit, a failure or cancellation.</returns>
    public bool Drain(TimeSpan timeout, CancellationToken cancellation)
    {
        const int LookMs = 5;
        long deadline = MonotonicClock.Nanos() + (long)timeout.TotalNanoseconds;
        long graceEnd = _stoppedNanos + (long)VisibilityGrace.TotalNanoseconds;
        while (!IsDrained(graceEnd))
        {
            if (Failure is not null
                || _ended.IsCancellationRequested
                || MonotonicClock.Nanos() > deadline
                || cancellation.WaitHandle.WaitOne(LookMs))
            {
                return false;
            }
        }

        return _drained = true;
    }

    /// <summary>Ends all workers and draws the verdict.</summary>
    public LoadOutcome Finish()
    {
        if (_outcome is not null)
        {
            return _outcome;
        }

        if (_plan.IsScheduled)
        {
            // A trial that was broken off has its window cut there.
            _window.End(MonotonicClock.Nanos());
        }

        EndWorkers();
        bool complete = _drained && Failure is null;
        double windowNanos = _window.LengthNanos;
        _outcome = new LoadOutcome
        {
            Verification = _verifier.Conclude(complete || (_plan.Groups == 0 && Failure is null)),
            Latency = new LatencyInfo
            {
                ClosedLoop = _plan.HasClosedPhase,
                StampResolutionMicros = _plan.HasClosedPhase ? StampCadence.NanosMax / 1000.0 : 0,
                Publish = _plan.Acks == Acks.None ? null : PublishLatency.ToDocument(),
                EndToEnd = HasEndToEnd ? LatencyRecorder.Merge(_endToEnd).ToDocument() : null,
                SealedPublish = _plan.Acks == Acks.None ? null : SealedPublishLatency.ToDocument(),
                SealedEndToEnd = HasEndToEnd && _verifier.KnowsSealTimes ? LatencyRecorder.Merge(_sealedEndToEnd).ToDocument() : null,
            },
            Schedule = _plan.HasOpenPhase ? ScheduleKeeper.Merge([.. _loads.Select(static load => load.Schedule)]) with { ThreadsNice = _producerWorkers.Max(static worker => worker.Nice) } : null,
            InFlightFullShare = windowNanos > 0 && _producers.Count > 0
                ? _producers.Average(producer => producer.InFlight.FullNanos / windowNanos)
                : 0,
            AllocatedBytes = _producerWorkers.Concat(_consumerWorkers).ToDictionary(static worker => worker.Name, static worker => worker.AllocatedBytes),
        };
        return _outcome;
    }

    /// <summary>Ends what still runs and closes every connection.</summary>
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
        _consumersReady.Dispose();
    }

    private bool IsDrained(long graceEnd) =>
        _processors.TrueForAll(processor =>
            processor.HasReachedEndSince(processor.NothingAwaitsDelivery() ? _stoppedNanos : graceEnd));

    private void AddConsumer(int group, int index)
    {
        ConsumerOptions options = _plan.ConsumerOptions(index, _options.Topic) with { ClientId = _options.ClientId };
        if (_options.PartitionMaxBytes > 0)
        {
            options = options with
            {
                PartitionMaxBytes = _options.PartitionMaxBytes,
                MaxBytes = Math.Max(options.MaxBytes, _options.PartitionMaxBytes),
            };
        }

        LatencyRecorder latency = new();
        LatencyRecorder sealedLatency = new();
        FetchProcessor processor = new(options, _broker.Text, Verifier);
        NativeConsumer consumer = new(options, new FetchConnection(_broker, options, _ended.Token), processor);
        _endToEnd.Add(latency);
        _sealedEndToEnd.Add(sealedLatency);
        _processors.Add(processor);
        _backlog.AddConsumer(group, processor.Consumed);
        _consumers.Add(consumer);
        _consumerWorkers.Add(new Worker($"consumer-{group}-{index}", _window, Consume, Fail, _plan.HasOpenPhase));

        PartitionVerifier Verifier(int partition)
        {
            PartitionVerifier verifier = _verifier.Partition(group, partition);
            verifier.RecordLatency(latency, _plan.CatchUp ? null : sealedLatency, _window);
            return verifier;
        }

        void Consume(Worker worker)
        {
            consumer.Open(_ended.Token);
            _consumersReady.Signal();
            if (_plan.CatchUp)
            {
                WaitForWindow();
            }

            consumer.Run(worker.Tick, _ended.Token);
        }
    }

    private void AddProducer(int index)
    {
        ProducerOptions options = _plan.ProducerOptions(index, _options.Topic) with { ClientId = _options.ClientId };
        NativeProducer producer = new(options, new TcpProduceTransport(_broker, _ended.Token), _verifier.Producer(index), _window);
        _producers.Add(producer);
        _backlog.AddProducer(producer.Sent);
        ProducerLoad load = new(_plan, index, _backlog, _window);
        _loads.Add(load);
        _producerWorkers.Add(new Worker($"producer-{index}", _window, Produce, Fail, _plan.HasOpenPhase));

        void Produce(Worker worker)
        {
            using CancellationTokenSource stop = CancellationTokenSource.CreateLinkedTokenSource(_producersStopped.Token, _ended.Token);
            try
            {
                load.Run(producer, _startNanos, worker.Tick, stop.Token);
                Flush(producer);
            }
            finally
            {
                producer.InFlight.Close(MonotonicClock.Nanos());
            }
        }
    }

    private void Flush(NativeProducer producer)
    {
        long deadline = MonotonicClock.Nanos() + (long)_options.FlushTimeout.TotalNanoseconds;
        if (!producer.Flush(deadline, _ended.Token))
        {
            string limit = $"{_options.FlushTimeout.TotalSeconds:0} s";
            throw new BrokerException(_broker.Text, "Produce", $"not everything was acknowledged within {limit} after the load's end");
        }
    }

    /// <summary>On a consumer's thread: until there is something to catch up with, or, without a window, until the load has ended.</summary>
    private void WaitForWindow()
    {
        const int LookMs = 1;
        while (!_window.HasBegun && !_producersStopped.IsCancellationRequested)
        {
            _ended.Token.WaitHandle.WaitOne(LookMs);
            _ended.Token.ThrowIfCancellationRequested();
        }
    }

    private void WaitForConsumers()
    {
        try
        {
            _consumersReady.Wait(_ended.Token);
        }
        catch (OperationCanceledException) when (Failure is BrokerException failure)
        {
            throw new BrokerException(failure);
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
