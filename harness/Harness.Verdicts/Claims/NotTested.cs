namespace Harness.Verdicts.Claims;

/// <summary>The lines of evidence that say what was not put to the test, and what that would take.</summary>
public static class NotTested
{
    private const string Begin = "not tested here: ";

    public static string Line(string what, string takes) => $"{Begin}{what}; it takes {takes}";

    public static bool Is(string line)
    {
        ArgumentNullException.ThrowIfNull(line);
        return line.StartsWith(Begin, StringComparison.Ordinal);
    }

    /// <summary>The line without its beginning.</summary>
    public static string What(string line) => Is(line) ? line[Begin.Length..] : line;
}
