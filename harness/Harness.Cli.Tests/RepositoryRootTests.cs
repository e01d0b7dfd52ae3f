namespace Harness.Cli.Tests;

public sealed class RepositoryRootTests
{
    [Fact]
    public void The_root_is_found_from_where_the_program_lies() =>
        Assert.True(File.Exists(Path.Combine(Repository.Root(), "Harness.sln")));

    [Fact]
    public void Outside_of_a_repository_the_error_says_so()
    {
        IOException e = Assert.Throws<IOException>(() => Repository.Root(Path.GetTempPath()));
        Assert.Contains("the harness runs from the repository it was built in", e.Message, StringComparison.Ordinal);
    }
}
