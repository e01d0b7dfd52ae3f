namespace Harness.Verdicts.Expressions;

/// <summary>Foreign text made fit to be quoted in a one-line message.</summary>
public static class Excerpt
{
    private const int LengthLimit = 60;

    public static string Of(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        string cut = text.Length <= LengthLimit ? text : string.Concat(text.AsSpan(0, LengthLimit), "…");
        return string.Concat(cut.Select(c => char.IsControl(c) ? ' ' : c));
    }
}
