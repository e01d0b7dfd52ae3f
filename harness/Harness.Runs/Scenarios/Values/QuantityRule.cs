using System.Text.Json.Nodes;
using Harness.Verdicts.Expressions;

namespace Harness.Runs.Scenarios.Values;

/// <summary>A number with a unit, within a range whose ends are written in the same way.</summary>
internal sealed class QuantityRule : ValueRule<decimal>
{
    private readonly QuantityKind _kind;
    private readonly Quantity _min;
    private readonly Quantity _max;

    public QuantityRule(QuantityKind kind, string min, string max)
    {
        _kind = kind;
        _min = Constant(min);
        _max = Constant(max);
    }

    public override string Allowed => $"{Unit.Noun(_kind)} from {_min} to {_max}";

    public override JsonObject Schema => new()
    {
        ["type"] = "string",
        ["pattern"] = $"^ *[0-9]+(\\.[0-9]+)? *({string.Join('|', Unit.All.Where(unit => unit.Kind == _kind).Select(unit => unit.Symbol))}) *$",
    };

    /// <returns>The value in base units: bytes or seconds.</returns>
    public override bool TryRead(string text, out decimal value, out string problem)
    {
        value = 0;
        if (!Quantity.TryParse(text, _kind, out Quantity quantity, out problem))
        {
            return false;
        }

        value = quantity.Value;
        if (value < _min.Value || value > _max.Value)
        {
            problem = $"'{Excerpt.Of(text)}' is out of range";
            return false;
        }

        return true;
    }

    private Quantity Constant(string text) =>
        Quantity.TryParse(text, _kind, out Quantity quantity, out string problem) ? quantity : throw new ArgumentException(problem, nameof(text));
}
