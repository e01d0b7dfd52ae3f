using Results;

namespace Reports.Model;

/// <summary>Which of a trial's flows its headline figure is: the furthest one that the scenario has.</summary>
internal sealed record Flow(string Name, string Metric, Func<Trial, FlowTotals> Totals, Func<SecondSample, long> Samples)
{
    private static readonly Flow Consumed = new("consumed", "consume", t => t.Consumed, s => s.ConsumedMessages);
    private static readonly Flow Acknowledged = new("acknowledged", "produce", t => t.Acknowledged, s => s.AcknowledgedMessages);
    private static readonly Flow Sent = new("sent", "produce", t => t.Sent, s => s.SentMessages);

    public static Flow Headline(ScenarioInfo scenario) =>
        scenario.Consumers.Mode != "none" ? Consumed : scenario.Producers.Acks != "none" ? Acknowledged : Sent;

    /// <summary>Messages a second in the counted window; null where there was no window.</summary>
    public double? MessagesPerSecond(Trial trial) => PerSecond(trial, Totals(trial).Messages);

    public double? ValueBytesPerSecond(Trial trial) => PerSecond(trial, Totals(trial).ValueBytes);

    public static double? PerSecond(Trial trial, long amount) => trial.WindowSeconds > 0 ? amount / trial.WindowSeconds : null;
}
