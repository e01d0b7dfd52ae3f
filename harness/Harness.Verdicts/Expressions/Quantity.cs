using System.Globalization;

namespace Harness.Verdicts.Expressions;

/// <summary>
/// A number with its unit, as scenario files write it: <c>30B</c>, <c>512KiB</c>, <c>5ms</c>, <c>20M/s</c>, <c>600MB/s</c>.
/// A bare number is refused: whether 5 is milliseconds or seconds must not be guessed. Immutable.
/// </summary>
/// <param name="Value">In the base unit of <paramref name="Kind"/>.</param>
public readonly record struct Quantity(QuantityKind Kind, decimal Value)
{
    /// <summary>Values are kept below this, so that each fits a long when counted in bytes or in microseconds.</summary>
    private const decimal Limit = 1e12m * 1e3m;

    /// <summary>Reads a quantity of the wanted kind.</summary>
    /// <param name="problem">Why not, in words that stand behind a key: <c>'30' has no unit: …</c>; empty on success.</param>
    public static bool TryParse(string text, QuantityKind kind, out Quantity quantity, out string problem)
    {
        ArgumentNullException.ThrowIfNull(text);
        quantity = default;
        string trimmed = text.Trim();
        int numberLength = NumberLength(trimmed);
        if (numberLength == 0 || !decimal.TryParse(
            trimmed.AsSpan(0, numberLength), NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out decimal number))
        {
            problem = $"'{Short(text)}' is not {Unit.Noun(kind)}: a number{(kind == QuantityKind.Count ? "" : $" and {Unit.Symbols(kind)}")}";
            return false;
        }

        string symbol = trimmed[numberLength..].TrimStart();
        if (symbol.Length == 0 && kind != QuantityKind.Count)
        {
            problem = $"'{Short(text)}' has no unit: write {Unit.Symbols(kind)} behind the number";
            return false;
        }

        Unit? unit = Unit.All.FirstOrDefault(u => u.Symbol == symbol);
        if (unit is null || unit.Kind != kind)
        {
            problem = WrongUnit(text, symbol, unit, kind);
            return false;
        }

        if (number >= Limit / Math.Max(unit.Factor, 1m))
        {
            problem = $"'{Short(text)}' is too large";
            return false;
        }

        decimal value = number * unit.Factor;
        if (kind == QuantityKind.Bytes && value != decimal.Truncate(value))
        {
            problem = $"'{Short(text)}' is not a whole number of bytes";
            return false;
        }

        quantity = new Quantity(kind, value);
        problem = "";
        return true;
    }

    /// <summary>The shortest way to write it exactly, whole where some unit allows that: <c>512KiB</c> rather than 524288B or 0.5MiB.</summary>
    public override string ToString()
    {
        decimal value = Value;
        QuantityKind kind = Kind;
        Unit unit = Unit.All
            .Where(u => u.Kind == kind && (value != 0 || u.Factor == 1))
            .OrderBy(u => value % u.Factor == 0 ? 0 : 1)
            .ThenBy(u => Digits(value / u.Factor).Length)
            .ThenByDescending(u => u.Factor)
            .First();
        return Digits(value / unit.Factor) + unit.Symbol;
    }

    private static string Digits(decimal number) => number.ToString("0.############################", CultureInfo.InvariantCulture);

    private static int NumberLength(string text)
    {
        int length = 0;
        while (length < text.Length && (char.IsAsciiDigit(text[length]) || text[length] == '.'))
        {
            length++;
        }

        return length;
    }

    private static string WrongUnit(string text, string symbol, Unit? unit, QuantityKind kind)
    {
        if (kind == QuantityKind.Count)
        {
            return $"'{Short(text)}' is not a count: a number without a unit";
        }

        if (unit is not null)
        {
            return $"'{Short(text)}' is {Unit.Noun(unit.Kind)} where {Unit.Noun(kind)} is needed: {Unit.Symbols(kind)}";
        }

        Unit? meant = Unit.All.FirstOrDefault(u => u.Kind == kind && u.Symbol.Equals(symbol, StringComparison.OrdinalIgnoreCase));
        string hint = meant is null ? $"write {Unit.Symbols(kind)}" : $"did you mean '{meant.Symbol}'?";
        return $"'{Short(text)}' has the unknown unit '{Short(symbol)}': {hint}";
    }

    /// <summary>What a file holds may be long or hold line ends; an error is one line.</summary>
    private static string Short(string text) => Excerpt.Of(text);
}
