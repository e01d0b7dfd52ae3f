using Results;

namespace Harness.Verdicts.Claims;

/// <summary>
/// What a trial carried end to end: the smaller of acknowledged and consumed, so that neither a backlog read up in the
/// window nor one left behind by it counts. With acks none nothing is acknowledged, and sent stands for it.
/// </summary>
internal sealed record CarriedRate(double MessagesPerSecond, double ValueBytesPerSecond)
{
    public static CarriedRate Of(Trial trial, int groups)
    {
        FlowTotals produced = trial.Acknowledged.Messages > 0 ? trial.Acknowledged : trial.Sent;
        double window = trial.WindowSeconds;
        return window <= 0
            ? new CarriedRate(0, 0)
            : new CarriedRate(
                Math.Min(produced.Messages, (double)trial.Consumed.Messages / groups) / window,
                Math.Min(produced.ValueBytes, (double)trial.Consumed.ValueBytes / groups) / window);
    }
}
