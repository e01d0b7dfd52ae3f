namespace Harness.Measure.Tests;

public sealed class FieldsTests
{
    [Theory]
    [InlineData("Dirty:    12 kB\n", 12L)]
    [InlineData("DirtyMore: 3 kB\nDirty:\t-4", -4L)]
    [InlineData("Dirty 5\n", 5L)]
    [InlineData("DirtyMore: 3\n", null)]
    [InlineData("Dirty: none\n", null)]
    [InlineData("Dirty", null)]
    [InlineData("", null)]
    public void A_line_is_found_by_its_whole_name(string text, long? expected) =>
        Assert.Equal(expected, Fields.Named(System.Text.Encoding.UTF8.GetBytes(text), "Dirty"u8));

    [Theory]
    [InlineData("1 2 3", 2, 3L)]
    [InlineData("1  2   3", 1, 2L)]
    [InlineData("1 2 3", 3, null)]
    [InlineData("1 x 3", 1, null)]
    [InlineData("", 0, null)]
    public void Columns_are_counted_over_any_number_of_spaces(string line, int column, long? expected) =>
        Assert.Equal(expected, Fields.Column(System.Text.Encoding.UTF8.GetBytes(line), column));

    [Theory]
    [InlineData("0-3,8,10-11", "0 1 2 3 8 10 11")]
    [InlineData("5\n", "5")]
    [InlineData("", "")]
    [InlineData(null, "")]
    [InlineData("a-b", "")]
    [InlineData("0-99999999", "")]
    public void Lists_are_expanded(string? text, string expected) => Assert.Equal(expected, string.Join(' ', Fields.List(text)));

    [Fact]
    public void A_file_larger_than_the_buffer_is_read_whole()
    {
        string large = new('x', 50_000);
        using FixtureTree tree = new FixtureTree().With("/large", large);
        Assert.Equal(large, tree.Files.ReadText("/large"));
    }

    [Fact]
    public void A_missing_file_is_empty()
    {
        using FixtureTree tree = new();
        PseudoFiles files = tree.Files;
        Assert.True(files.Read("/missing").IsEmpty);
        Assert.Null(files.ReadText("/missing"));
        Assert.Empty(files.List("/missing"));
    }
}
