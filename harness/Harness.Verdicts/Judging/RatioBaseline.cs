using Results;

namespace Harness.Verdicts.Judging;

/// <summary>Which variant the name in <c>4x NAME</c> means. Judged over a result, and checked before a run, by the same rule.</summary>
public static class RatioBaseline
{
    /// <summary>
    /// The variant of the point that the name is the target of, in the same form where there are several; or the variant of that name on the same
    /// target. Null where there is none, or only the variant itself.
    /// </summary>
    /// <param name="point">The variants that take turns.</param>
    public static VariantInfo? Of(IReadOnlyList<VariantInfo> point, VariantInfo variant, string name)
    {
        ArgumentNullException.ThrowIfNull(point);
        ArgumentNullException.ThrowIfNull(variant);
        VariantInfo[] ofTarget = [.. point.Where(other => other.Target == name)];
        VariantInfo? found = ofTarget.Length > 1
            ? Array.Find(ofTarget, other => other.Label == On(FormOf(variant), name))
            : ofTarget.FirstOrDefault();
        found ??= point.FirstOrDefault(other => other.Label == name || other.Label == On(name, variant.Target));
        return found == variant ? null : found;
    }

    /// <summary>The name under compare: what stands before <c>on TARGET</c>.</summary>
    private static string FormOf(VariantInfo variant)
    {
        string on = On("", variant.Target);
        return variant.Label.EndsWith(on, StringComparison.Ordinal) ? variant.Label[..^on.Length] : variant.Label;
    }

    private static string On(string form, string target) => $"{form} on {target}";
}
