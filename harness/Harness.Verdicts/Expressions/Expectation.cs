namespace Harness.Verdicts.Expressions;

/// <summary>
/// One line under <c>expect</c>: a metric, an operator, and what it is held against. That is a quantity (<c>consume.rate >= 20M/s</c>,
/// <c>share.bare >= 65%</c>), or another target's or variant's figure in the same interleaved blocks (<c>produce.rate >= 4x kafka</c>).
/// </summary>
/// <param name="Text">As written.</param>
/// <param name="Bound">Of the metric's kind, or a ratio.</param>
/// <param name="Baseline">The target or variant that the figure is a multiple of; null for a quantity.</param>
/// <param name="AtBest">Each side in the form in which it carries most.</param>
public sealed record Expectation(string Text, Metric Metric, Relation Relation, Quantity Bound, string? Baseline = null, bool AtBest = false)
{
    public const string Form = "METRIC >= QUANTITY, such as consume.rate >= 20M/s or e2e.p99 < 10ms, "
        + "or METRIC >= Nx NAME, such as produce.rate >= 4x kafka or broker.memory at best <= 0.1x kafka";

    private const string Best = " at best";
    private const string Times = "x";

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
        bool atBest = name.EndsWith(Best, StringComparison.Ordinal);
        name = atBest ? name[..^Best.Length].TrimEnd() : name;
        if (Metric.Find(name) is not { } metric)
        {
            IEnumerable<string> names = Metric.All.Select(m => m.Name);
            string hint = NearestName.To(name, names) is { } near ? $"did you mean '{near}'?" : $"one of {string.Join(", ", names)}";
            problem = $"'{Excerpt.Of(name)}' is not a metric: {hint}";
            return false;
        }

        (string bound, string? baseline) = Split(text[(at + symbol.Length)..].Trim());
        if (!Quantity.TryParse(bound, baseline is null ? metric.Kind : QuantityKind.Ratio, out Quantity quantity, out problem))
        {
            problem = $"{metric.Name}: {problem}";
            return false;
        }

        problem = Misfit(metric, quantity, baseline, atBest);
        if (problem.Length > 0)
        {
            return false;
        }

        expectation = new Expectation(text.Trim(), metric, relation, quantity, baseline, atBest);
        return true;
    }

    private static string Misfit(Metric metric, Quantity bound, string? baseline, bool atBest)
    {
        if (baseline is null)
        {
            return atBest ? $"{metric.Name}: 'at best' compares two targets, each in the form in which it carries most: write {metric.Name}{Best} >= 4x kafka" : "";
        }

        if (baseline.Length == 0)
        {
            return $"{metric.Name}: {bound} of what? Name a target or a variant behind it, as in {bound} kafka";
        }

        return bound.Value == 0 ? $"{metric.Name}: {bound} of anything is nothing; write a ratio above zero" : "";
    }

    /// <summary><c>4x kafka</c> into <c>4x</c> and <c>kafka</c>; the name is null where there is no ratio.</summary>
    private static (string Bound, string? Baseline) Split(string text)
    {
        int number = text.TakeWhile(c => char.IsAsciiDigit(c) || c == '.').Count();
        string rest = text[number..];
        bool ratio = number > 0 && rest.StartsWith(Times, StringComparison.Ordinal) && (rest.Length == Times.Length || char.IsWhiteSpace(rest[Times.Length]));
        return ratio ? (text[..(number + Times.Length)], rest[Times.Length..].Trim()) : (text, null);
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
