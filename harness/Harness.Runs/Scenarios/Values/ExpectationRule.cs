using System.Text.Json.Nodes;
using Harness.Verdicts.Expressions;

namespace Harness.Runs.Scenarios.Values;

/// <summary>A line under <c>expect</c>. Its text is what the resolved scenario keeps; the verdict parses it again.</summary>
internal sealed class ExpectationRule : ValueRule<string>
{
    public override string Allowed => Expectation.Form;

    public override JsonObject Schema => new() { ["type"] = "string" };

    public override bool TryRead(string text, out string value, out string problem)
    {
        value = text.Trim();
        return Expectation.TryParse(text, out _, out problem);
    }
}
