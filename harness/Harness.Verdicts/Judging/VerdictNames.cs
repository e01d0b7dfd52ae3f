using Results;

namespace Harness.Verdicts.Judging;

/// <summary>Verdicts as people read them.</summary>
public static class VerdictNames
{
    public static string Of(VerdictKind kind) => kind switch
    {
        VerdictKind.Reproduced => "reproduced",
        VerdictKind.NotReproduced => "not reproduced",
        VerdictKind.Inconclusive => "inconclusive",
        VerdictKind.NotTestedHere => "not tested here",
        VerdictKind.Invalid => "invalid",
        VerdictKind.Passed => "passed",
        VerdictKind.Failed => "failed",
        _ => throw new ArgumentOutOfRangeException(nameof(kind), kind, null),
    };
}
