namespace Engine.Storage.Tests;

public sealed class TopicNameTests
{
    [Theory]
    [InlineData("a")]
    [InlineData("Orders_2.eu-west")]
    [InlineData("...")]
    [InlineData("-")]
    public void Names_of_letters_digits_and_three_signs_are_allowed(string name) => Assert.Null(TopicName.Validate(name));

    [Theory]
    [InlineData("")]
    [InlineData(".")]
    [InlineData("..")]
    [InlineData("a b")]
    [InlineData("a/b")]
    [InlineData("größe")]
    [InlineData("a\0")]
    public void Other_names_are_refused(string name) => Assert.NotNull(TopicName.Validate(name));

    [Fact]
    public void A_name_has_at_most_249_characters()
    {
        Assert.Null(TopicName.Validate(new string('a', 249)));
        Assert.Contains("249", TopicName.Validate(new string('a', 250)));
    }
}
