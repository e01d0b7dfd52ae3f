namespace Harness.Load;

/// <summary>
/// The whole load of one producer: warm-up and phases one after another without a gap, and behind the last its shape on and on until it is
/// stopped, so that the end of the counted window cuts into a load that still goes. The body of a producer's thread; what it sent is flushed
/// by its caller.
/// </summary>
internal sealed class ProducerLoad
{
    private readonly IReadOnlyList<LoadPhase> _phases;
    private readonly ILoadShape[] _shapes;
    private readonly PauseShape _before = new();

    public ProducerLoad(LoadPlan plan, int producer, Backlog backlog, CountedWindow window)
    {
        MessageFeed feed = new(plan.Seed, producer, plan.Partitions, plan.ValueBytes);
        Schedule = new ScheduleKeeper(window);
        _phases = plan.Phases;
        _shapes = [.. _phases.Select(Shape)];

        ILoadShape Shape(LoadPhase phase) => phase.Shape switch
        {
            PhaseShape.Saturate => new SaturateShape(feed, backlog),
            PhaseShape.KeepConstant => new KeepConstantShape(feed, backlog, Share(phase.Copies, producer, plan.Producers)),
            PhaseShape.Inject => new OpenShape(feed, new EvenDueTimes(phase.RatePerSecond, producer, plan.Producers), Schedule),
            PhaseShape.RampingInject => new OpenShape(
                feed,
                new RampDueTimes(phase.StartRatePerSecond, phase.RatePerSecond, phase.LengthNanos, producer, plan.Producers),
                Schedule),
            _ => new PauseShape(),
        };
    }

    /// <summary>How its open phases were kept.</summary>
    public ScheduleKeeper Schedule { get; }

    /// <summary>Of so many copies, those of one producer.</summary>
    public static int Share(int copies, int producer, int producers) => (copies / producers) + (producer < copies % producers ? 1 : 0);

    /// <summary>Returns when stopped.</summary>
    /// <param name="startNanos">When the first phase begins.</param>
    /// <param name="atWork">Called now and then by the thread, at least every 100 ms.</param>
    public void Run(NativeProducer producer, long startNanos, Action atWork, CancellationToken stop)
    {
        _before.Run(producer, startNanos, startNanos, atWork, stop);
        long beginNanos = startNanos;
        for (int i = 0; i < _shapes.Length; i++)
        {
            long lengthNanos = _phases[i].LengthNanos;
            long endNanos = lengthNanos == LoadPhase.ForEver ? long.MaxValue : beginNanos + lengthNanos;
            _shapes[i].Run(producer, beginNanos, endNanos, atWork, stop);
            beginNanos = endNanos;
        }
    }
}
