namespace Harness.Verdicts.Tests;

public sealed class FiguresTests
{
    [Theory]
    [InlineData(12_345_678, "12.3 M msg/s")]
    [InlineData(123_456, "123 k msg/s")]
    [InlineData(1_999_999_999, "2.00 G msg/s")]
    [InlineData(7, "7.00 msg/s")]
    [InlineData(0, "0.00 msg/s")]
    public void Rates_have_three_digits(double rate, string expected) => Assert.Equal(expected, Figures.Rate(rate));

    [Theory]
    [InlineData(369e6, "369 MB/s")]
    [InlineData(1.25e9, "1.25 GB/s")]
    [InlineData(1500, "1.50 KB/s")]
    public void Byte_rates_are_decimal(double rate, string expected) => Assert.Equal(expected, Figures.ByteRate(rate));

    [Theory]
    [InlineData(0.61499, "61 %")]
    [InlineData(1.07, "107 %")]
    [InlineData(0.9999, "99.9 %")]
    [InlineData(1.0, "100 %")]
    [InlineData(0.0123, "1.2 %")]
    public void A_share_that_falls_short_never_reads_as_the_whole(double share, string expected) => Assert.Equal(expected, Figures.Share(share));

    [Theory]
    [InlineData(0.00025, "250 us")]
    [InlineData(0.0083, "8.30 ms")]
    [InlineData(1.5, "1.50 s")]
    public void Durations_have_the_unit_that_fits(double seconds, string expected) => Assert.Equal(expected, Figures.Duration(seconds));
}
