using System.Globalization;
using Harness.Targets;
using Harness.Verdicts.Expressions;

namespace Harness.Runs.Scenarios.Values;

/// <summary>
/// Configuration of a broker as scenarios write it, which may have units, in the bare numbers that brokers read. Kafka's names say the unit: what
/// ends in <c>.bytes</c> counts bytes, what ends in <c>.ms</c> milliseconds.
/// </summary>
internal static class TargetSettings
{
    private const decimal MillisPerSecond = 1000;

    /// <summary>All settings of a target that has been checked.</summary>
    public static Dictionary<string, string> Resolve(TargetSpec spec) => spec.Settings.ToDictionary(
        setting => setting.Key,
        setting => TryResolve(setting.Key, setting.Value, out string resolved, out string problem)
            ? resolved
            : throw new ArgumentException($"{setting.Key}: {problem}", nameof(spec)));

    /// <summary>A bare number stays what it is, since that is what Kafka's own files hold.</summary>
    public static bool TryResolve(string key, string text, out string resolved, out string problem)
    {
        resolved = text;
        problem = "";
        QuantityKind? kind = key.EndsWith(".ms", StringComparison.Ordinal) ? QuantityKind.Duration
            : key.EndsWith(".bytes", StringComparison.Ordinal) || key == TargetFactory.HeapSetting ? QuantityKind.Bytes
            : null;
        if (kind is null || long.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out _))
        {
            return true;
        }

        if (!Quantity.TryParse(text, kind.Value, out Quantity quantity, out problem))
        {
            return false;
        }

        resolved = $"{(long)(kind == QuantityKind.Duration ? quantity.Value * MillisPerSecond : quantity.Value)}";
        return true;
    }
}
