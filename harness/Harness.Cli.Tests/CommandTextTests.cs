using Harness.Cli.Verbs;

namespace Harness.Cli.Tests;

public sealed class CommandTextTests
{
    [Theory]
    [InlineData("kafka-20m", "kafka-20m")]
    [InlineData("a/b.yaml", "a/b.yaml")]
    [InlineData("my results", "'my results'")]
    [InlineData("it's", "'it'\\''s'")]
    [InlineData("$HOME", "'$HOME'")]
    [InlineData("", "''")]
    public void A_word_is_written_so_that_a_shell_reads_it_back(string word, string expected) => Assert.Equal(expected, CommandText.Quoted(word));
}
