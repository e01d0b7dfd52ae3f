namespace Engine.Linux.Tests;

public sealed class ThreadSchedulingTests
{
    [Fact]
    public void Short_slices_are_had_from_Linux_6_12_on_and_told_where_they_are_not()
    {
        bool known = Environment.OSVersion.Version >= new Version(6, 12);
        bool first = false;
        bool again = false;
        Thread thread = new(() =>
        {
            first = ThreadScheduling.TryShortenSlices();
            again = ThreadScheduling.TryShortenSlices();
        });
        thread.Start();
        thread.Join();
        Assert.Equal((known, known), (first, again));
    }

    [Fact]
    public void A_thread_goes_before_others_where_it_may_and_keeps_its_slices_and_no_other_thread_does()
    {
        int before = ThreadScheduling.Nice;
        bool allowed = false;
        int nice = 0;
        Thread thread = new(() =>
        {
            ThreadScheduling.TryShortenSlices();
            allowed = ThreadScheduling.TrySetNice(before - 5);
            nice = ThreadScheduling.Nice;
        });
        thread.Start();
        thread.Join();
        Assert.SkipUnless(allowed, "this user may not go before others: as root, or with ulimit -e 40");
        Assert.Equal((before - 5, before), (nice, ThreadScheduling.Nice));
    }
}
