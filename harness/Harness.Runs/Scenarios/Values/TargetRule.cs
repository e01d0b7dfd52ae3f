using System.Text.Json.Nodes;
using Harness.Verdicts.Expressions;

namespace Harness.Runs.Scenarios.Values;

/// <summary>The name of a broker to drive.</summary>
internal sealed class TargetRule : ValueRule<string>
{
    private static readonly string[] Supported = ["engine"];
    private static readonly string[] Planned = ["kafka", "kfake"];
    private static readonly string[] PlannedBeginnings = ["engine@", "engine+", "kafka+", "kafka://", "docker://"];

    public override string Allowed => string.Join(" | ", Supported);

    public override JsonObject Schema => new() { ["type"] = "string" };

    public override bool TryRead(string text, out string value, out string problem)
    {
        value = text;
        if (Supported.Contains(text))
        {
            problem = "";
            return true;
        }

        bool planned = Planned.Contains(text) || PlannedBeginnings.Any(b => text.StartsWith(b, StringComparison.Ordinal));
        problem = planned
            ? $"the target '{Excerpt.Of(text)}' is not supported in this version"
            : $"'{Excerpt.Of(text)}' is not a target{NearestName.Hint(text, Supported.Concat(Planned))}";
        return false;
    }
}
