namespace Harness.Load.Tests;

public sealed class SealTimesTests
{
    private readonly SealTimes _times = new();

    public SealTimesTests()
    {
        _times.Add(0, 10, 100);
        _times.Add(10, 25, 200);
    }

    [Fact]
    public void A_batch_is_found_by_its_sequences()
    {
        Assert.True(_times.TryFind(0, 10, out long dueNanos));
        Assert.Equal(100, dueNanos);
        Assert.True(_times.TryFind(10, 15, out dueNanos));
        Assert.Equal(200, dueNanos);
    }

    [Fact]
    public void Its_parts_are_of_the_same_time()
    {
        foreach (long sequence in new[] { 10, 11, 24 })
        {
            Assert.True(_times.TryFind(sequence, 1, out long dueNanos));
            Assert.Equal(200, dueNanos);
        }
    }

    [Fact]
    public void A_batch_that_never_came_is_passed_over()
    {
        Assert.True(_times.TryFind(12, 3, out long dueNanos));
        Assert.Equal(200, dueNanos);
    }

    [Fact]
    public void Two_batches_in_one_have_no_time_of_their_own() => Assert.False(_times.TryFind(0, 25, out _));

    [Fact]
    public void What_was_never_sealed_has_none() => Assert.False(_times.TryFind(25, 1, out _));

    [Fact]
    public void Of_more_batches_than_are_kept_the_oldest_are_forgotten()
    {
        for (int i = 0; i < SealTimes.KeptMax; i++)
        {
            _times.Add(25 + i, 26 + i, i);
        }

        Assert.False(_times.TryFind(0, 10, out _));
        Assert.False(_times.TryFind(10, 15, out _));
        Assert.True(_times.TryFind(25 + SealTimes.KeptMax - 1, 1, out long dueNanos));
        Assert.Equal(SealTimes.KeptMax - 1, dueNanos);
    }
}
