using Results;

namespace Harness.Measure.Tests;

public sealed class ProbeBookTests
{
    private static readonly ProbeSubject First = new("a", ProbeGroups.Memory, "first", ProbeUnit.BytesPerSecond, 4096);
    private static readonly ProbeSubject Second = new("b", ProbeGroups.Disk, "second", ProbeUnit.Nanoseconds);

    [Fact]
    public void A_figure_is_the_median_of_its_passes_which_stay_in_their_order()
    {
        ProbeBook book = new();
        book.Add(Second, 7);
        foreach (double value in (double[])[3, 1, 2])
        {
            book.Add(First, value, value * 10, value * 100);
        }

        book.Add(Second, 8);
        IReadOnlyList<ProbeFigure> figures = book.Figures();
        Assert.Equal(["b", "a"], figures.Select(figure => figure.Kind));
        Assert.Equal(7.5, figures[0].Median);
        Assert.Null(figures[0].CpuSecondsPerGigabyte);
        Assert.Equal([3, 1, 2], figures[1].Passes);
        Assert.Equal((2, 20, 200), (figures[1].Median, figures[1].CpuSecondsPerGigabyte, figures[1].ServingCpuSecondsPerGigabyte));
        Assert.Equal((4096, "first", ProbeGroups.Memory), (figures[1].BlockBytes, figures[1].Name, figures[1].Group));
    }

    [Fact]
    public void What_cannot_be_measured_is_a_figure_with_its_reason()
    {
        ProbeBook book = new();
        book.Missing(First, "tmpfs lies in memory");
        ProbeFigure figure = Assert.Single(book.Figures());
        Assert.Equal("tmpfs lies in memory", figure.NotMeasurable);
        Assert.Null(figure.Median);
        Assert.Empty(figure.Passes);
    }

    [Theory]
    [InlineData(double.NaN)]
    [InlineData(double.PositiveInfinity)]
    public void What_is_no_number_is_refused(double value) => Assert.Throws<ArgumentOutOfRangeException>(() => new ProbeBook().Add(First, value));

    [Fact]
    public void A_timed_loop_divides_what_was_carried_by_the_time_it_took()
    {
        int calls = 0;
        double rate = TimedLoop.Rate(
            0.01,
            () =>
            {
                calls++;
                Thread.Sleep(2);
                return 1_000_000;
            },
            CancellationToken.None,
            out double cpu);
        Assert.InRange(rate, 1, 500e6); // At the most one call in two milliseconds.
        Assert.InRange(calls, 1, 5);
        Assert.True(cpu >= 0);
    }

    [Fact]
    public void Cancelling_ends_a_timed_loop() => Assert.Throws<OperationCanceledException>(() => TimedLoop.Rate(600, static () => 1, new CancellationToken(true), out _));

    [Fact]
    public void Percentiles_are_values_that_occurred()
    {
        double[] sorted = [.. Enumerable.Range(1, 200).Select(i => (double)i)];
        Assert.Equal((100, 198, 200), (DiskPasses.Percentile(sorted, 0.5), DiskPasses.Percentile(sorted, 0.99), DiskPasses.Percentile(sorted, 1)));
        Assert.Equal(5, DiskPasses.Percentile([5], 0.01));
    }

    [Fact]
    public void Memory_and_clock_have_figures_that_are_possible()
    {
        ProbeBook book = new();
        new MemoryCopyProbe(2 << 20).Pass(book, 0.005, CancellationToken.None);
        ClockProbe.Pass(book, 0.005, CancellationToken.None);
        Assert.Equal(["memory-copy", "memory-copy-all", "clock"], book.Figures().Select(figure => figure.Kind));
        Assert.All(book.Figures(), figure => Assert.True(figure.Median > 0));
    }
}
