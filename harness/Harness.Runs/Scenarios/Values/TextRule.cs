using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Harness.Verdicts.Expressions;

namespace Harness.Runs.Scenarios.Values;

/// <summary>Free text on one line, or a name where a pattern is given.</summary>
internal sealed class TextRule(int lengthLimit, Regex? pattern, string allowed) : ValueRule<string>
{
    public override string Allowed => allowed;

    public override JsonObject Schema => pattern is null
        ? new JsonObject { ["type"] = "string", ["maxLength"] = lengthLimit }
        : new JsonObject { ["type"] = "string", ["maxLength"] = lengthLimit, ["pattern"] = pattern.ToString() };

    public override bool TryRead(string text, out string value, out string problem)
    {
        value = text;
        bool good = text.Length <= lengthLimit && !text.Any(char.IsControl) && pattern?.IsMatch(text) != false;
        problem = good ? "" : $"'{Excerpt.Of(text)}' does not fit";
        return good;
    }
}
