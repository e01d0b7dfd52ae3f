using System.Runtime.CompilerServices;
using System.Xml.Linq;

namespace Harness.Cli.Tests.Conventions;

/// <summary>A project of the repository as its file says.</summary>
internal sealed record ProjectFile(string Name, string RelativePath, IReadOnlyList<string> References)
{
    private const string TestsSuffix = ".Tests";

    /// <summary>A project may be there for its package's name alone.</summary>
    public bool HasCode => SourceFiles.WithExtension(".cs").Any(path => path.StartsWith(Path.GetDirectoryName(RelativePath) + "/", StringComparison.Ordinal));

    public bool IsTests => Name.EndsWith(TestsSuffix, StringComparison.Ordinal);

    /// <summary>Checks other projects itself, as tests do.</summary>
    public bool IsBenchmarks => Name.EndsWith(".Benchmarks", StringComparison.Ordinal);

    /// <summary>For a project of tests, the project that it tests.</summary>
    public string Tested => Name[..^TestsSuffix.Length];

    public static string Root([CallerFilePath] string thisFile = "") => Path.GetFullPath(Path.Combine(thisFile, "../../../.."));

    public static IReadOnlyList<ProjectFile> All { get; } =
        [.. SourceFiles.WithExtension(".csproj").Select(Read).OrderBy(project => project.Name, StringComparer.Ordinal)];

    private static ProjectFile Read(string relativePath)
    {
        XDocument document = XDocument.Load(Path.Combine(Root(), relativePath));
        return new ProjectFile(
            Path.GetFileNameWithoutExtension(relativePath),
            relativePath,
            [.. document.Descendants("ProjectReference").Select(r => Path.GetFileNameWithoutExtension(((string)r.Attribute("Include")!).Replace('\\', '/')))]);
    }
}
