using Results;

namespace Harness.Verdicts.Judging;

/// <summary>Variants as sentences name them.</summary>
public static class VariantNames
{
    /// <summary>Its name, and the target where the name does not hold it: a verdict always says of which broker it speaks.</summary>
    public static string Of(VariantInfo variant)
    {
        ArgumentNullException.ThrowIfNull(variant);
        return variant.Name.Contains(variant.Target, StringComparison.Ordinal) ? variant.Name : $"{variant.Name} on {variant.Target}";
    }
}
