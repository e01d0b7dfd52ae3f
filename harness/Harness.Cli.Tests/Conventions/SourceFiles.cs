namespace Harness.Cli.Tests.Conventions;

/// <summary>The repository's own files, found without git so that the tests also run in an unpacked archive.</summary>
internal static class SourceFiles
{
    private static readonly string[] Skipped = [".git", ".dotnet", "artifacts", "bin", "obj", "TestResults", ".vs", ".idea", ".vscode"];
    private static readonly string[] Text =
        [".cs", ".csproj", ".props", ".targets", ".slnf", ".sln", ".json", ".yaml", ".yml", ".md", ".sh", ".razor", ".css", ".svg", ".txt", ""];

    /// <summary>Relative to the repository, with forward slashes.</summary>
    public static IReadOnlyList<string> All { get; } = [.. Walk(ProjectFile.Root()).Select(path => Path.GetRelativePath(ProjectFile.Root(), path))];

    public static IEnumerable<string> WithExtension(string extension) => All.Where(path => Path.GetExtension(path) == extension);

    /// <summary>Files that people write and read; those without extension are scripts and the licence.</summary>
    public static IEnumerable<string> Texts => All.Where(path => Text.Contains(Path.GetExtension(path)));

    public static string Read(string relativePath) => File.ReadAllText(Path.Combine(ProjectFile.Root(), relativePath));

    private static IEnumerable<string> Walk(string folder) => Directory.EnumerateFiles(folder).Concat(
        Directory.EnumerateDirectories(folder)
            .Where(sub => !Skipped.Contains(Path.GetFileName(sub)) && Path.GetRelativePath(ProjectFile.Root(), sub) != "results/runs")
            .SelectMany(Walk));
}
