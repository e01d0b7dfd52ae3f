namespace Harness.Verdicts.Expressions;

/// <summary>What a quantity measures; a quantity of one kind never stands where another is needed.</summary>
public enum QuantityKind
{
    /// <summary>Base unit: byte.</summary>
    Bytes,

    /// <summary>Base unit: second.</summary>
    Duration,

    /// <summary>Base unit: one (message) a second.</summary>
    Rate,

    /// <summary>Base unit: byte a second.</summary>
    ByteRate,

    /// <summary>CPU time for data carried. Base unit: CPU second a gigabyte (10^9 bytes).</summary>
    CpuCost,

    /// <summary>A part of a whole. Base unit: the whole; 0.65 is 65 %.</summary>
    Share,

    /// <summary>One figure over another: 4x is four times as much.</summary>
    Ratio,

    /// <summary>So many; the one kind without a unit.</summary>
    Count,
}
