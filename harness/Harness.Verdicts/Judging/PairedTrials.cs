using Harness.Verdicts.Expressions;
using Harness.Verdicts.Statistics;
using Results;

namespace Harness.Verdicts.Judging;

/// <summary>
/// The trials of a baseline and a candidate, block by block. A block counts only with all of the pair's trials in it completed, verified and
/// measured: half a block would bring back the drift that the block is there to cancel. Trials of a third variant in the same
/// block do not matter to the pair.
/// </summary>
/// <param name="BlocksPlanned">How many blocks the plan had.</param>
internal sealed record PairedTrials(IReadOnlyList<Trial> Baseline, IReadOnlyList<Trial> Candidate, int TrialsInBlock, int BlocksPlanned)
{
    public static PairedTrials Of(RunResult run, VariantInfo baseline, VariantInfo candidate) => new(
        RunVariants.TrialsOf(run, baseline),
        RunVariants.TrialsOf(run, candidate),
        RunVariants.TrialsInBlock(variantsInPoint: 2),
        Math.Max(baseline.Scenario.Repeat, candidate.Scenario.Repeat));

    private IEnumerable<Trial> All => Baseline.Concat(Candidate);

    /// <summary>Why no figure of the pair stands; null where they do. A broker that loses or damages messages has not done the work, in any block.</summary>
    public string? Void => All.FirstOrDefault(trial => trial.Verification.Violated) is { } violated
        ? $"figures void: {Obstacle.Violation(violated)}"
        : null;

    /// <summary>One log ratio a block that counts, in the order they ran.</summary>
    public double[] LogRatios(Metric metric) =>
    [
        .. All.Select(trial => trial.Block).Distinct().Order()
            .Select(block => BlockRatio.Of(InBlock(Candidate, block, metric), InBlock(Baseline, block, metric)))
            .OfType<double>(),
    ];

    /// <summary>What stands against taking a ratio at its word, or for having none.</summary>
    public IEnumerable<string> Cautions(Metric metric, int blocks)
    {
        if (Void is { } isVoid)
        {
            yield return isVoid;
            yield break;
        }

        if (blocks == 0)
        {
            yield return $"no block is complete{Because(metric)}";
            yield break;
        }

        if (blocks < BlocksPlanned) yield return $"{BlocksPlanned - blocks} of {BlocksPlanned} blocks do not count{Because(metric)}";
        Trial[] limited = [.. All.Where(trial => trial.GeneratorLimits.GeneratorLimited)];
        if (limited.Length > 0) yield return $"not ranked: the generator limited {limited.Length} of {All.Count()} trials";
        if (metric.IsLatency && All.Any(trial => trial.Latency.ClosedLoop)) yield return "closed loop: a stall delays the next message unseen";
    }

    private double?[] InBlock(IReadOnlyList<Trial> trials, int block, Metric metric)
    {
        Trial[] own = [.. trials.Where(trial => trial.Block == block)];
        return own.Length == TrialsInBlock ? [.. own.Select(trial => Stands(trial) ? metric.Of(trial) : null)] : [];
    }

    private static bool Stands(Trial trial) => trial.Status == TrialStatus.Completed && trial.Verification.Passed;

    private string Because(Metric metric)
    {
        if (All.FirstOrDefault(trial => trial.Status != TrialStatus.Completed) is { } ended)
        {
            return $": trial {ended.Index + 1} {(ended.Status == TrialStatus.Interrupted ? "was interrupted" : "failed")}";
        }

        if (All.FirstOrDefault(trial => !trial.Verification.Complete) is { } unproved) return $": verification of trial {unproved.Index + 1} is incomplete";
        return All.FirstOrDefault(trial => metric.Of(trial) is null) is { } unmeasured
            ? $": trial {unmeasured.Index + 1} did not measure {metric.Name}"
            : ": trials are missing";
    }
}
