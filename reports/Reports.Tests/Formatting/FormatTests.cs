namespace Reports.Formatting;

public sealed class FormatTests
{
    [Theory]
    [InlineData(0, "0 msg/s")]
    [InlineData(42, "42 msg/s")]
    [InlineData(999.4, "999 msg/s")]
    [InlineData(999.6, "1.00 k msg/s")]
    [InlineData(3_850, "3.85 k msg/s")]
    [InlineData(999_600, "1.00 M msg/s")]
    [InlineData(20_912_345, "20.9 M msg/s")]
    [InlineData(123_456_789, "123 M msg/s")]
    public void A_rate_has_three_digits(double value, string text) => Assert.Equal(text, Format.Rate(value));

    [Theory]
    [InlineData(626e6, "626 MB/s")]
    [InlineData(1.49e9, "1.49 GB/s")]
    [InlineData(9.996e9, "10.0 GB/s")]
    public void Bytes_a_second_are_decimal(double value, string text) => Assert.Equal(text, Format.BytesPerSecond(value));

    [Theory]
    [InlineData(30, "30 B")]
    [InlineData(1000, "1000 B")]
    [InlineData(512 * 1024, "512 KiB")]
    [InlineData(1536, "1536 B")]
    [InlineData(2L << 30, "2 GiB")]
    public void A_chosen_size_is_exact(long value, string text) => Assert.Equal(text, Format.Size(value));

    [Theory]
    [InlineData(0, "0 µs")]
    [InlineData(3.2, "3.2 µs")]
    [InlineData(850, "850 µs")]
    [InlineData(999.7, "1.00 ms")]
    [InlineData(1350, "1.35 ms")]
    [InlineData(59_800, "59.8 ms")]
    [InlineData(2_050_000, "2.05 s")]
    public void Latency_takes_the_unit_that_fits(double micros, string text) => Assert.Equal(text, Format.Micros(micros));

    [Theory]
    [InlineData(0, "0 s")]
    [InlineData(0.005, "5 ms")]
    [InlineData(30, "30 s")]
    [InlineData(13.2, "13.2 s")]
    [InlineData(59.97, "1 min")]
    [InlineData(68, "1 min 8 s")]
    [InlineData(3600, "1 h")]
    [InlineData(7500, "2 h 5 min")]
    [InlineData(-2, "-2 s")]
    public void A_duration_reads_as_people_say_it(double seconds, string text) => Assert.Equal(text, Format.Seconds(seconds));

    [Theory]
    [InlineData(0, "0.0 %")]
    [InlineData(0.0129, "1.3 %")]
    [InlineData(0.0996, "10 %")]
    [InlineData(0.533, "53 %")]
    [InlineData(1.04, "104 %")]
    public void A_share_is_a_percentage(double share, string text) => Assert.Equal(text, Format.Percent(share));

    [Fact]
    public void Counts_keep_every_digit_and_changes_their_sign()
    {
        Assert.Equal("714,824,237", Format.Count(714_824_237));
        Assert.Equal("−1.2 %", Format.Change(-0.012));
        Assert.Equal("+12 %", Format.Change(0.12));
        Assert.Equal("2026-11-22 15:30:00 UTC", Format.Time(new DateTimeOffset(2026, 11, 22, 16, 30, 0, TimeSpan.FromHours(1))));
        Assert.Equal(Format.None, Format.OrNone(null, Format.Rate));
    }

    [Theory]
    [InlineData(20e6, Quantity.MessagesPerSecond, "20 M")]
    [InlineData(2.5e6, Quantity.MessagesPerSecond, "2.5 M")]
    [InlineData(600e6, Quantity.BytesPerSecond, "600 MB/s")]
    [InlineData(1000, Quantity.Micros, "1 ms")]
    [InlineData(0.5, Quantity.Share, "50 %")]
    [InlineData(0.25, Quantity.Number, "0.25")]
    [InlineData(0.005, Quantity.Number, "0.005")]
    public void A_tick_is_as_short_as_it_can_be(double value, Quantity unit, string text) => Assert.Equal(text, Format.Tick(value, unit));

    [Fact]
    public void Text_of_a_document_becomes_one_harmless_line()
    {
        Assert.Equal("a [31mred b", PlainText.OneLine("a\n\u001b[31mred\r\n\tb\n"));
        Assert.Equal("x\ufffdy", PlainText.Xml("x\uffffy"));
        Assert.Equal("lone \ufffd", PlainText.Xml("lone \ud800"));
        Assert.Equal(["aaa bb", "ccccccc", "c d"], PlainText.Wrap("aaa bb cccccccc d", 7));
        Assert.Equal([""], PlainText.Wrap("", 7));
    }
}
