using Harness.Verdicts.Expressions;

namespace Harness.Verdicts.Tests.Expressions;

public sealed class NearestNameTests
{
    private static readonly string[] Known = ["run", "serve", "test", "partitions", "replication"];

    [Theory]
    [InlineData("partitons", "partitions")]
    [InlineData("Partitions", "partitions")]
    [InlineData("rnu", "run")]
    [InlineData("sevre", "serve")]
    [InlineData("tset", "test")]
    [InlineData("repl", "replication")]
    public void A_mistyped_name_finds_the_one_that_was_meant(string typed, string expected) =>
        Assert.Equal(expected, NearestName.To(typed, Known));

    [Theory]
    [InlineData("xyz")]
    [InlineData("")]
    [InlineData("bench")]
    public void A_word_far_from_all_names_gets_no_suggestion(string typed)
    {
        Assert.Null(NearestName.To(typed, Known));
        Assert.Equal("", NearestName.Hint(typed, Known));
    }
}
