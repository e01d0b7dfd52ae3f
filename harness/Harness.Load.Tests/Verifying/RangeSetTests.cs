namespace Harness.Load.Tests;

public class RangeSetTests
{
    [Fact]
    public void Agrees_with_a_set_of_numbers()
    {
        Random random = new(5);
        RangeSet set = new();
        SortedSet<long> model = [];
        for (int i = 0; i < 3000; i++)
        {
            long from = random.Next(200);
            long to = from + random.Next(10);
            if (random.Next(3) > 0)
            {
                set.Add(from, to);
                for (long n = from; n < to; n++)
                {
                    model.Add(n);
                }
            }
            else
            {
                Assert.Equal(model.Remove(from), set.Remove(from));
            }

            Assert.Equal(model.Count, set.Count);
            Assert.Equal(model.Contains(to), set.Contains(to));
            Assert.Equal(model.Where(n => n >= from && n < to), Numbers(set.Within(from, to, inside: true)));
            Assert.Equal(Enumerable.Range((int)from, (int)(to - from)).Select(n => (long)n).Except(model), Numbers(set.Within(from, to, inside: false)));
            Assert.All(set.Ranges.Zip(set.Ranges.Skip(1)), pair => Assert.True(pair.First.To < pair.Second.From));
        }
    }

    [Fact]
    public void What_continues_stays_one_range()
    {
        RangeSet set = new();
        for (int i = 0; i < 1000; i++)
        {
            set.Add(10 * i, (10 * i) + 10);
        }

        Assert.Equal(new LongRange(0, 10_000), Assert.Single(set.Ranges));
    }

    private static IEnumerable<long> Numbers(IEnumerable<LongRange> ranges) =>
        ranges.SelectMany(range => Enumerable.Range((int)range.From, (int)range.Count).Select(n => (long)n));
}
