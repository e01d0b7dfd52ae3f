namespace Results;

/// <summary>Finds checked-in files from a test that runs in the build's output folder.</summary>
internal static class Repository
{
    public static string Root { get; } = Find();

    private static string Find()
    {
        for (DirectoryInfo? at = new(AppContext.BaseDirectory); at is not null; at = at.Parent)
        {
            if (File.Exists(Path.Combine(at.FullName, "global.json"))) return at.FullName;
        }

        throw new InvalidOperationException("the tests do not run inside the repository");
    }
}
