namespace Harness.Verdicts.Judging;

/// <summary>One setting in which a candidate is not like its baseline.</summary>
internal sealed record Difference(string Name, string Baseline, string Candidate)
{
    /// <summary><c>compression lz4 instead of none</c>.</summary>
    public string Text => $"{Name} {Candidate} instead of {Baseline}";

    /// <summary>The settings that differ, in the order given. Both lists name the same settings in the same order.</summary>
    public static IEnumerable<Difference> Between(
        IReadOnlyList<(string Name, string Value)> baseline, IReadOnlyList<(string Name, string Value)> candidate) =>
        baseline.Zip(candidate, (b, c) => new Difference(b.Name, b.Value, c.Value)).Where(d => d.Baseline != d.Candidate);
}
