using Harness.Verdicts.Expressions;

namespace Harness.Runs.Scenarios;

/// <summary>
/// Finds scenario files: by path, or by name among the files under the repository's <c>scenarios</c> folder, whatever
/// sub-folder they lie in.
/// </summary>
public sealed class ScenarioCatalog(string repositoryRoot)
{
    private const string Extension = ".yaml";

    private string Folder => Path.Combine(repositoryRoot, "scenarios");

    /// <summary>Names that <see cref="Find"/> knows, in order.</summary>
    public IReadOnlyList<string> Names => [.. Files().Select(file => Path.GetFileNameWithoutExtension(file)!).Distinct().Order(StringComparer.Ordinal)];

    /// <exception cref="ScenarioException">There is none, or more than one; one line that names the nearest.</exception>
    public ScenarioFile Find(string nameOrPath)
    {
        ArgumentNullException.ThrowIfNull(nameOrPath);
        if (File.Exists(nameOrPath))
        {
            return new ScenarioFile(nameOrPath, nameOrPath, InRepository(Path.GetFullPath(nameOrPath)));
        }

        string[] matches = [.. Files().Where(file => Matches(file, nameOrPath))];
        return matches switch
        {
            [string only] => new ScenarioFile(only, Shown(only), InRepository(only)),
            [] => throw new ScenarioException(
                $"no scenario '{Excerpt.Of(nameOrPath)}'{NearestName.Hint(Path.GetFileNameWithoutExtension(nameOrPath), Names)}"),
            _ => throw new ScenarioException(
                $"more than one scenario '{Excerpt.Of(nameOrPath)}': {string.Join(", ", matches.Select(InRepository))}"),
        };
    }

    /// <summary>By bare name, or by the way below the scenarios folder, each with or without extension.</summary>
    private bool Matches(string file, string name)
    {
        string below = Path.GetRelativePath(Folder, file);
        string wanted = name.EndsWith(Extension, StringComparison.Ordinal) ? name : name + Extension;
        return below == wanted || Path.GetFileName(file) == wanted || Path.Combine("scenarios", below) == wanted;
    }

    private string[] Files() => Directory.Exists(Folder)
        ? [.. Directory.EnumerateFiles(Folder, "*" + Extension, SearchOption.AllDirectories).Order(StringComparer.Ordinal)]
        : [];

    /// <summary>Relative where that is shorter to read; a file elsewhere keeps its whole path.</summary>
    private static string Shown(string file)
    {
        string relative = Path.GetRelativePath(Environment.CurrentDirectory, file);
        return relative.StartsWith("..", StringComparison.Ordinal) ? file : relative;
    }

    private string? InRepository(string file)
    {
        string relative = Path.GetRelativePath(repositoryRoot, file);
        return relative.StartsWith("..", StringComparison.Ordinal) || Path.IsPathRooted(relative) ? null : relative;
    }
}
