using System.Diagnostics;

namespace Harness.Targets.Tests;

/// <summary>Revisions of a small repository whose "engine" says who it is, so that building one takes seconds.</summary>
public sealed class RevisionBuilderTests : IDisposable
{
    private const string Project = """
        <Project Sdk="Microsoft.NET.Sdk">
          <PropertyGroup>
            <OutputType>Exe</OutputType>
            <TargetFramework>net10.0</TargetFramework>
            <AssemblyName>engine</AssemblyName>
          </PropertyGroup>
        </Project>
        """;

    private readonly TemporaryFolder _folder = new();
    private readonly string _repository;

    public RevisionBuilderTests()
    {
        _repository = Path.Combine(_folder.FullPath, "repository");
        Directory.CreateDirectory(Path.Combine(_repository, "engine", "Engine.Server"));
        Git("init", "--quiet");
        Write("Engine.Server.csproj", Project);
        Write("Program.cs", "System.Console.WriteLine(\"first\");");
        Commit();
        Write("Program.cs", "System.Console.WriteLine(\"second\"");
        Commit();
    }

    private RevisionBuilder Builder => new(_repository, Path.Combine(_folder.FullPath, "cache"));

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task A_revision_is_built_aside_once_and_is_the_one_that_was_asked_for()
    {
        string executable = await Builder.BuildAsync("HEAD~1", Cancel);
        Assert.Equal("first", await ProgramRun.RunAsync(
            executable, [], TimeSpan.FromMinutes(1), Cancel, new Dictionary<string, string> { ["DOTNET_ROOT"] = RevisionBuilder.DotnetRoot }));
        DateTime built = File.GetLastWriteTimeUtc(executable);
        Assert.Equal(executable, await Builder.BuildAsync("HEAD~1", Cancel));
        Assert.Equal(built, File.GetLastWriteTimeUtc(executable));
        Assert.Contains("second", await File.ReadAllTextAsync(Path.Combine(_repository, "engine", "Engine.Server", "Program.cs"), Cancel), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_revision_that_cannot_be_built_says_so_with_the_compilers_words()
    {
        TargetException failed = await Assert.ThrowsAsync<TargetException>(() => Builder.BuildAsync("HEAD", Cancel));
        Assert.Equal(TargetException.EnvironmentExitCode, failed.ExitCode);
        Assert.Contains("cannot be built", failed.Message, StringComparison.Ordinal);
        Assert.DoesNotContain('\n', failed.Message);
    }

    [Theory]
    [InlineData("nosuch")]
    [InlineData("--all")]
    public async Task A_revision_that_is_not_there_is_the_users_fault(string revision)
    {
        TargetException failed = await Assert.ThrowsAsync<TargetException>(() => Builder.BuildAsync(revision, Cancel));
        Assert.Equal(TargetException.UsageExitCode, failed.ExitCode);
        Assert.Equal($"engine@{revision}: there is no such revision in this repository", failed.Message);
    }

    private void Write(string name, string text) => File.WriteAllText(Path.Combine(_repository, "engine", "Engine.Server", name), text);

    private void Commit()
    {
        Git("add", "-A");
        Git("-c", "user.name=t", "-c", "user.email=t@example.org", "commit", "--quiet", "-m", "x");
    }

    private void Git(params string[] arguments)
    {
        using Process git = Process.Start("git", ["-C", _repository, .. arguments]);
        git.WaitForExit();
        Assert.Equal(0, git.ExitCode);
    }
}
