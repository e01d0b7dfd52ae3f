namespace Results;

/// <summary>The answer to a claim or an expectation for one variant.</summary>
public sealed record Verdict
{
    /// <summary>The claim's id (<c>C1</c>), or the expectation as written.</summary>
    public required string Id { get; init; }
    public required string Target { get; init; }

    /// <summary>The variant's name (<see cref="VariantInfo.Name"/>); null in documents from before there were any: then the target's.</summary>
    public string? Variant { get; init; }
    public required VerdictKind Kind { get; init; }

    /// <summary>The figure that was judged, as short as a table wants it; null where none was measured.</summary>
    public string? Figure { get; init; }

    /// <summary>The whole verdict in a sentence that names the target, its figures and its conditions.</summary>
    public required string Sentence { get; init; }

    /// <summary>The numbers that decided, each on a line of its own.</summary>
    public required IReadOnlyList<string> Evidence { get; init; }

    /// <summary>Where each technique applies and where not, as measured; null of verdicts that do not speak of that.</summary>
    public IReadOnlyList<TechniqueCase>? Techniques { get; init; }
}

/// <summary>What is left of the throughput when one technique is left out of all, under one condition.</summary>
public sealed record TechniqueCase
{
    public required string Technique { get; init; }

    /// <summary>The condition: <c>message.size 30B</c>.</summary>
    public required string Where { get; init; }

    /// <summary>What all without it carry over what all carry; null where it could not be measured.</summary>
    public double? Ratio { get; init; }

    /// <summary>Of its 95 % interval; null where there is none.</summary>
    public double? Low { get; init; }
    public double? High { get; init; }
    public required TechniqueAnswer Answer { get; init; }
}

/// <summary>Whether a technique applies under a condition.</summary>
public enum TechniqueAnswer
{
    /// <summary>Without it less is carried, by the whole interval.</summary>
    Applies,

    /// <summary>Without it more is carried, by the whole interval.</summary>
    Costs,

    /// <summary>The interval holds 1.</summary>
    Undecided,

    /// <summary>There is no interval.</summary>
    NoInterval,
}

public enum VerdictKind
{
    /// <summary>A claim that holds here.</summary>
    Reproduced,
    NotReproduced,
    Inconclusive,
    NotTestedHere,

    /// <summary>Verification failed: no figure stands.</summary>
    Invalid,

    /// <summary>An expectation that holds, or does not.</summary>
    Passed,
    Failed,
}

public static class ExitCodes
{
    public const int Passed = 0;
    public const int Failed = 1;
    public const int Usage = 2;
    public const int Inconclusive = 3;
    public const int Invalid = 4;
    public const int Environment = 5;
    public const int Interrupted = 130;

    private static readonly int[] Severity = [Interrupted, Usage, Environment, Invalid, Failed, Inconclusive, Passed];

    /// <summary>The exit code of several outcomes at once: the first of 130, 2, 5, 4, 1, 3, 0 that occurs.</summary>
    public static int Worst(IEnumerable<int> codes)
    {
        HashSet<int> seen = [.. codes];
        return Severity.First(code => seen.Contains(code) || code == Passed);
    }

    /// <summary>The exit code that a verdict asks for.</summary>
    public static int Of(VerdictKind kind) => kind switch
    {
        VerdictKind.Reproduced or VerdictKind.Passed or VerdictKind.NotTestedHere => Passed,
        VerdictKind.NotReproduced or VerdictKind.Failed => Failed,
        VerdictKind.Inconclusive => Inconclusive,
        VerdictKind.Invalid => Invalid,
        _ => throw new ArgumentOutOfRangeException(nameof(kind), kind, null),
    };
}
