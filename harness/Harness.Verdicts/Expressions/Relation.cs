namespace Harness.Verdicts.Expressions;

/// <summary>The operator of an expectation.</summary>
public enum Comparison
{
    AtLeast,
    Above,
    AtMost,
    Below,
}

public static class Comparisons
{
    /// <summary>Longer symbols first, so that <c>&gt;=</c> is not read as <c>&gt;</c>.</summary>
    internal static readonly (string Symbol, Comparison Operator)[] Symbols =
    [
        (">=", Comparison.AtLeast), ("<=", Comparison.AtMost), (">", Comparison.Above), ("<", Comparison.Below),
    ];

    public static bool Holds(this Comparison comparison, double value, double bound) => comparison switch
    {
        Comparison.AtLeast => value >= bound,
        Comparison.Above => value > bound,
        Comparison.AtMost => value <= bound,
        Comparison.Below => value < bound,
        _ => throw new ArgumentOutOfRangeException(nameof(comparison), comparison, null),
    };

    /// <summary>True where more is better for the one who expects.</summary>
    public static bool WantsMore(this Comparison comparison) => comparison is Comparison.AtLeast or Comparison.Above;
}
