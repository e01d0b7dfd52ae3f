using System.Text.Json.Nodes;
using Harness.Verdicts.Expressions;

namespace Harness.Runs.Scenarios.Values;

/// <summary>
/// One of a few words. Words that the format knows and this version does not yet carry out are told apart from nonsense,
/// because "not supported" and "mistyped" send the user to different places.
/// </summary>
internal sealed class ChoiceRule(string[] supported, string[] planned, bool anyPlanned = false) : ValueRule<string>
{
    public override string Allowed => string.Join(" | ", supported);

    public override JsonObject Schema => new() { ["enum"] = new JsonArray([.. supported.Select(word => JsonValue.Create(word))]) };

    public override bool TryRead(string text, out string value, out string problem)
    {
        value = text;
        if (supported.Contains(text))
        {
            problem = "";
            return true;
        }

        problem = anyPlanned || planned.Contains(text)
            ? $"'{Excerpt.Of(text)}' is not supported in this version"
            : $"'{Excerpt.Of(text)}' is unknown{NearestName.Hint(text, supported.Concat(planned))}";
        return false;
    }
}
