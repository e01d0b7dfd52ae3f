namespace Harness.Verdicts.Expressions;

/// <summary>The operator of an expectation.</summary>
public enum Relation
{
    AtLeast,
    Above,
    AtMost,
    Below,
}

public static class Relations
{
    /// <summary>Longer symbols first, so that <c>&gt;=</c> is not read as <c>&gt;</c>.</summary>
    internal static readonly (string Symbol, Relation Operator)[] Symbols =
    [
        (">=", Relation.AtLeast), ("<=", Relation.AtMost), (">", Relation.Above), ("<", Relation.Below),
    ];

    public static bool Holds(this Relation relation, double value, double bound) => relation switch
    {
        Relation.AtLeast => value >= bound,
        Relation.Above => value > bound,
        Relation.AtMost => value <= bound,
        Relation.Below => value < bound,
        _ => throw new ArgumentOutOfRangeException(nameof(relation), relation, null),
    };

    /// <summary>True where more is better for the one who expects.</summary>
    public static bool WantsMore(this Relation relation) => relation is Relation.AtLeast or Relation.Above;
}
