using System.Text.Json.Nodes;
using Harness.Targets;
using Harness.Verdicts.Expressions;

namespace Harness.Runs.Scenarios.Values;

/// <summary>A broker to drive, with its configuration.</summary>
internal sealed class TargetRule : ValueRule<string>
{
    public override string Allowed => TargetSpec.Allowed;

    public override JsonObject Schema => new() { ["type"] = "string" };

    public override bool TryRead(string text, out string value, out string problem)
    {
        value = text;
        if (!TargetSpec.TryParse(text, out TargetSpec? spec, out string wrong))
        {
            problem = $"'{Excerpt.Of(text)}' {wrong}{NearestName.Hint(text, TargetSpec.Names)}";
            return false;
        }

        foreach ((string key, string setting) in spec!.Settings)
        {
            if (!TargetSettings.TryResolve(key, setting, out _, out wrong))
            {
                problem = $"'{Excerpt.Of(text)}': {key}: {wrong}";
                return false;
            }
        }

        problem = "";
        return true;
    }
}
