namespace Engine.Linux.Tests;

public sealed class ThreadSlicesTests
{
    [Fact]
    public void Short_slices_are_had_from_Linux_6_12_on_and_told_where_they_are_not()
    {
        bool known = Environment.OSVersion.Version >= new Version(6, 12);
        bool first = false;
        bool again = false;
        Thread thread = new(() =>
        {
            first = ThreadSlices.TryShorten();
            again = ThreadSlices.TryShorten();
        });
        thread.Start();
        thread.Join();
        Assert.Equal((known, known), (first, again));
    }
}
