using System.Text.RegularExpressions;

namespace Harness.Cli.Tests.Conventions;

/// <summary>Style that a test keeps, so that nobody has to remember it.</summary>
public sealed partial class TidyTests
{
    private const int LinesLimit = 500;

    /// <summary>Where CI's machine keeps the brokers to compare with: of no meaning anywhere else.</summary>
    private const string PeersFolder = "../" + "shared";

    [Fact]
    public void No_file_of_code_is_longer_than_a_reader_can_stand() => None(
        SourceFiles.WithExtension(".cs")
            .Select(path => (path, lines: SourceFiles.Read(path).Count(c => c == '\n')))
            .Where(file => file.lines > LinesLimit)
            .Select(file => $"{file.path}: {file.lines} lines"));

    [Fact]
    public void Nothing_is_left_to_be_done_in_a_comment() => None(Matches(Unfinished()));

    [Fact]
    public void No_path_of_somebodys_machine_is_written_down() => None(Matches(PersonalPath()));

    [Fact]
    public void Only_the_CI_script_names_the_folder_of_other_brokers() => None(
        SourceFiles.Texts.Where(path => path != ".ci/run" && SourceFiles.Read(path).Contains(PeersFolder, StringComparison.Ordinal)));

    [Fact]
    public void Every_project_is_in_the_solution() => None(
        ProjectFile.All
            .Select(project => project.RelativePath.Replace('/', '\\'))
            .Where(path => !SourceFiles.Read("Harness.sln").Contains($"\"{path}\"", StringComparison.Ordinal)));

    [Fact]
    public void Every_project_with_code_has_tests_beside_it() => None(
        ProjectFile.All.Where(project => !project.IsTests && !project.IsBenchmarks && project.HasCode).Select(project => project.Name + ".Tests").Except(ProjectFile.All.Select(project => project.Name)));

    [Fact]
    public void Package_versions_stand_in_one_place() => None(
        SourceFiles.WithExtension(".csproj").Where(path => PackageVersion().IsMatch(SourceFiles.Read(path))));

    /// <summary>Shows what was found, a line each.</summary>
    private static void None(IEnumerable<string> found)
    {
        string text = string.Join('\n', found);
        Assert.True(text.Length == 0, text);
    }

    private static IEnumerable<string> Matches(Regex pattern) => SourceFiles.Texts.SelectMany(path => SourceFiles.Read(path)
        .Split('\n')
        .Select((text, index) => (text, index))
        .Where(line => pattern.IsMatch(line.text))
        .Select(line => $"{path}:{line.index + 1}: {line.text.Trim()}"));

    // Written in parts, so that this file does not match itself.
    [GeneratedRegex(@"\b(TO" + @"DO|FIX" + @"ME|XX" + @"X)\b")]
    private static partial Regex Unfinished();

    // One name stands for nobody: tests use it as an example.
    [GeneratedRegex(@"(?<![\w.$}])/(ho" + @"me(?!/me/)|ro" + @"ot|wo" + @"rk|Us" + @"ers)/")]
    private static partial Regex PersonalPath();

    [GeneratedRegex(@"<PackageReference[^>]*\sVersion=")]
    private static partial Regex PackageVersion();
}
