namespace Harness.Targets;

/// <summary>Finds the engine that was built together with this harness: each project's outputs lie in a folder beside the others'.</summary>
public static class EngineLocator
{
    /// <summary>The full path of the engine's executable; a <see cref="TargetException"/> that names what to run where it is missing.</summary>
    public static string Find() => Find(AppContext.BaseDirectory);

    /// <param name="baseDirectory"><c>…/artifacts/bin/PROJECT/CONFIGURATION/</c></param>
    internal static string Find(string baseDirectory)
    {
        DirectoryInfo configuration = new(Path.TrimEndingDirectorySeparator(Path.GetFullPath(baseDirectory)));
        string outputs = configuration.Parent?.Parent?.FullName ?? configuration.FullName;
        string path = Path.Combine(outputs, "Engine.Server", configuration.Name, "engine");
        return File.Exists(path)
            ? path
            : throw new TargetException($"there is no engine at {path}; build it: dotnet build engine/Engine.Server -c {Titled(configuration.Name)}");
    }

    private static string Titled(string configuration) => char.ToUpperInvariant(configuration[0]) + configuration[1..];
}
