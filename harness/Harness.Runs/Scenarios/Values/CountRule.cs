using System.Globalization;
using System.Text.Json.Nodes;
using Harness.Verdicts.Expressions;

namespace Harness.Runs.Scenarios.Values;

/// <summary>A whole number within a range.</summary>
internal sealed class CountRule(long min, long max) : ValueRule<long>
{
    public override string Allowed => max == long.MaxValue ? $"a whole number from {min}" : $"a whole number from {min} to {max}";

    public override JsonObject Schema => max == long.MaxValue
        ? new JsonObject { ["type"] = "integer", ["minimum"] = min }
        : new JsonObject { ["type"] = "integer", ["minimum"] = min, ["maximum"] = max };

    public override bool TryRead(string text, out long value, out string problem)
    {
        if (!long.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out value))
        {
            problem = $"'{Excerpt.Of(text)}' is not a whole number";
            return false;
        }

        if (value < min || value > max)
        {
            problem = $"{value} is out of range";
            return false;
        }

        problem = "";
        return true;
    }
}
