namespace Harness.Cli;

/// <summary>Where the repository lies: the program runs from its <c>artifacts</c>, whatever the working folder is.</summary>
internal static class Repository
{
    private const string Marker = "Harness.sln";

    public static string Root() => Root(AppContext.BaseDirectory);

    internal static string Root(string start)
    {
        for (DirectoryInfo? folder = new(start); folder is not null; folder = folder.Parent)
        {
            if (File.Exists(Path.Combine(folder.FullName, Marker)))
            {
                return folder.FullName;
            }
        }

        throw new IOException($"no {Marker} above {start}: the harness runs from the repository it was built in");
    }
}
