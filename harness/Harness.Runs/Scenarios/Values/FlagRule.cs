using System.Text.Json.Nodes;
using Harness.Verdicts.Expressions;

namespace Harness.Runs.Scenarios.Values;

/// <summary>true or false. YAML's older spellings (yes, on) are refused: they mean different things to different readers.</summary>
internal sealed class FlagRule : ValueRule<bool>
{
    public override string Allowed => "true or false";

    public override JsonObject Schema => new() { ["type"] = "boolean" };

    public override bool TryRead(string text, out bool value, out string problem)
    {
        value = text == "true";
        problem = value || text == "false" ? "" : $"'{Excerpt.Of(text)}' is neither true nor false";
        return problem.Length == 0;
    }
}
