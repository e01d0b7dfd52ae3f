namespace Harness.Measure;

/// <summary>The wording of what is missing, in one place: each method adds the note and gives what stands in the result instead.</summary>
internal static class Notes
{
    internal static string? Missing(this List<string> notes, string what)
    {
        notes.Add($"Not readable here: {what}.");
        return null;
    }

    internal static string Unknown(this List<string> notes, string what)
    {
        notes.Add($"Not readable here: {what}; given as \"unknown\".");
        return "unknown";
    }

    internal static long Zero(this List<string> notes, string what)
    {
        notes.Add($"Not readable here: {what}; given as 0.");
        return 0;
    }

    internal static T? MissingValue<T>(this List<string> notes, string what)
        where T : struct
    {
        notes.Add($"Not readable here: {what}.");
        return null;
    }
}
