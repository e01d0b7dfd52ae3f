namespace Harness.Verdicts.Expressions;

/// <summary>One line under <c>expect</c>: a metric, an operator, a quantity. <c>consume.rate >= 20M/s</c>.</summary>
/// <param name="Text">As written.</param>
public sealed record Expectation(string Text, Metric Metric, Relation Relation, Quantity Bound)
{
    public const string Form = "METRIC >= QUANTITY, such as consume.rate >= 20M/s or e2e.p99 < 10ms";

    /// <param name="problem">Why not, in words that stand behind a key; empty on success.</param>
    public static bool TryParse(string text, out Expectation? expectation, out string problem)
    {
        ArgumentNullException.ThrowIfNull(text);
        expectation = null;
        (int at, string symbol, Relation relation) = FindOperator(text);
        if (at < 0)
        {
            problem = $"'{Excerpt.Of(text)}' has none of the operators >=, >, <= and <: write {Form}";
            return false;
        }

        string name = text[..at].Trim();
        if (Metric.Find(name) is not { } metric)
        {
            IEnumerable<string> names = Metric.All.Select(m => m.Name);
            string hint = NearestName.To(name, names) is { } near ? $"did you mean '{near}'?" : $"one of {string.Join(", ", names)}";
            problem = $"'{Excerpt.Of(name)}' is not a metric: {hint}";
            return false;
        }

        if (!Quantity.TryParse(text[(at + symbol.Length)..].Trim(), metric.Kind, out Quantity bound, out problem))
        {
            problem = $"{metric.Name}: {problem}";
            return false;
        }

        expectation = new Expectation(text.Trim(), metric, relation, bound);
        return true;
    }

    private static (int At, string Symbol, Relation Relation) FindOperator(string text)
    {
        int at = text.AsSpan().IndexOfAny('<', '>');
        if (at < 0)
        {
            return (-1, "", default);
        }

        (string symbol, Relation relation) = Relations.Symbols.First(pair => text.AsSpan(at).StartsWith(pair.Symbol));
        return (at, symbol, relation);
    }
}
