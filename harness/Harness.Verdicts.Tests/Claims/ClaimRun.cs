using Harness.Verdicts.Claims;
using Results;

namespace Harness.Verdicts.Tests.Claims;

/// <summary>Runs for judges of claims: points with variants on targets, each with trials in six blocks unless said otherwise.</summary>
internal sealed class ClaimRun(string claim)
{
    private readonly List<VariantInfo> _variants = [];
    private readonly List<Trial> _trials = [];
    private int _points;

    public List<BatchCheck> Checks { get; } = [];

    /// <summary>Adds a point; the trials of a block differ by nothing but what the variant makes of them, a little more each block.</summary>
    public ClaimRun Point(int blocks, params Measured[] measured)
    {
        ScenarioInfo scenario = Make.Run(1e6).Scenario;
        VariantInfo[] variants =
        [
            .. measured.Select((one, i) => Make.Variant($"{_points}/{i}") with
            {
                Target = one.Target,
                Point = _points,
                Scenario = one.Scenario(scenario with { Claim = claim, Repeat = blocks }),
                Settings = one.At is null ? new Dictionary<string, string>() : new Dictionary<string, string> { ["message.size"] = one.At },
            }),
        ];
        for (int block = 0; block < blocks; block++)
        {
            int[] order = measured.Length == 1 ? [0] : [.. Enumerable.Range(0, measured.Length), .. Enumerable.Range(0, measured.Length).Reverse()];
            foreach (int i in order)
            {
                Trial trial = Make.Trial(_trials.Count, 1e6 * (1 + (0.001 * block)));
                _trials.Add(measured[i].Trial(trial) with { Block = block, Variant = variants[i].Name, Target = variants[i].Target });
            }
        }

        _variants.AddRange(variants);
        _points++;
        return this;
    }

    public RunResult Result => Make.Run(1e6) with { Variants = _variants, Trials = _trials, BatchChecks = Checks };

    /// <summary>The judge's answer where the process was seen from outside.</summary>
    public Verdict Seen(Func<ClaimCase, Verdict> judge, Func<IEnumerable<Trial>, OutsideProof> proof) =>
        judge(new ClaimCase(Result, claim, "engine", _variants) { Proof = proof });

    public Verdict Only(Func<RunResult, RunResult>? change = null) => Assert.Single(ClaimVerdicts.Judge((change ?? (run => run))(Result)));
}

/// <summary>One variant of a point.</summary>
internal sealed record Measured(string Target)
{
    public Func<ScenarioInfo, ScenarioInfo> Scenario { get; init; } = scenario => scenario;

    public Func<Trial, Trial> Trial { get; init; } = trial => trial;

    public string? At { get; init; }

    /// <summary>So much of what the others carry.</summary>
    public static Measured Carrying(string target, double share, string? at = null) => new(target)
    {
        At = at,
        Trial = trial => trial with { Acknowledged = Times(trial.Acknowledged, share), Consumed = Times(trial.Consumed, share), Sent = Times(trial.Sent, share) },
    };

    /// <summary>So much of the broker's CPU time of the others.</summary>
    public static Measured Costing(string target, double share, string? at = null) => new(target)
    {
        At = at,
        Trial = trial => trial with
        {
            Broker = trial.Broker with { UserSeconds = trial.Broker.UserSeconds * share, SystemSeconds = trial.Broker.SystemSeconds * share },
        },
    };

    private static FlowTotals Times(FlowTotals flow, double share) =>
        new((long)(flow.Messages * share), (long)(flow.ValueBytes * share), (long)(flow.WireBytes * share), (long)(flow.Batches * share));
}
