using Harness.Verdicts.Expressions;
using Results;

namespace Harness.Verdicts.Claims;

/// <summary>
/// Figures that claims compare and nobody expects of a run: costs for a message, a batch, a gigabyte carried. Null where the trial did not measure them.
/// </summary>
internal static class Costs
{
    /// <summary>What was carried end to end, bytes of record batches a second: acknowledged, and consumed where anybody reads.</summary>
    public static readonly Metric Carried = new("carried rate", QuantityKind.Rate, "messages acknowledged, and consumed where anybody reads", CarriedRateOf);

    public static readonly Metric Produced = Metric.Find("produce.rate")!;

    public static readonly Metric CpuPerMessage = Of("broker CPU per message", t => Cpu(t) / Messages(t));

    public static readonly Metric CpuPerBatch = Of("broker CPU per batch", t => Cpu(t) / Batches(t));

    /// <summary>Over the bytes of record batches that the broker served: what its transfer costs.</summary>
    public static readonly Metric CpuPerGigabyteServed = Of("broker CPU per GB served", t => Cpu(t) / (t.Consumed.WireBytes / 1e9));

    public static double? AllocatedPerMessage(Trial trial) => trial.Broker.AllocatedBytes / Messages(trial);

    public static double? RequestsPerMessage(Trial trial) => Batches(trial) / Messages(trial);

    private static Metric Of(string name, Func<Trial, double?> of) =>
        new(name, QuantityKind.CpuCost, name, trial => of(trial) is { } value && double.IsFinite(value) && value > 0 ? value : null);

    /// <summary>A broker out of reach shows no CPU time; a running one cannot.</summary>
    private static double? Cpu(Trial trial) => trial.Broker.UserSeconds + trial.Broker.SystemSeconds is > 0 and var seconds ? seconds : null;

    private static double? Messages(Trial trial) => Flow(trial).Messages is > 0 and var count ? count : null;

    private static double? Batches(Trial trial) => Flow(trial).Batches is > 0 and var count ? count : null;

    private static FlowTotals Flow(Trial trial) => trial.Acknowledged.Messages > 0 ? trial.Acknowledged : trial.Sent;

    private static double? CarriedRateOf(Trial trial)
    {
        long produced = Flow(trial).Messages;
        long carried = trial.Consumed.Messages > 0 ? Math.Min(produced, trial.Consumed.Messages) : produced;
        return trial.WindowSeconds > 0 && carried > 0 ? carried / trial.WindowSeconds : null;
    }
}
