using Harness.Verdicts.Expressions;

namespace Harness.Verdicts.Tests.Expressions;

public sealed class QuantityTests
{
    [Theory]
    [InlineData("30B", QuantityKind.Bytes, "30")]
    [InlineData("1KB", QuantityKind.Bytes, "1000")]
    [InlineData("1KiB", QuantityKind.Bytes, "1024")]
    [InlineData("1.5KiB", QuantityKind.Bytes, "1536")]
    [InlineData("2GiB", QuantityKind.Bytes, "2147483648")]
    [InlineData("3 MB", QuantityKind.Bytes, "3000000")]
    [InlineData("250us", QuantityKind.Duration, "0.00025")]
    [InlineData("5ms", QuantityKind.Duration, "0.005")]
    [InlineData("0s", QuantityKind.Duration, "0")]
    [InlineData("2m", QuantityKind.Duration, "120")]
    [InlineData("1h", QuantityKind.Duration, "3600")]
    [InlineData("7/s", QuantityKind.Rate, "7")]
    [InlineData("200k/s", QuantityKind.Rate, "200000")]
    [InlineData("20M/s", QuantityKind.Rate, "20000000")]
    [InlineData("600MB/s", QuantityKind.ByteRate, "600000000")]
    [InlineData("1GiB/s", QuantityKind.ByteRate, "1073741824")]
    [InlineData("0.5s/GB", QuantityKind.CpuCost, "0.5")]
    [InlineData("74ms/GB", QuantityKind.CpuCost, "0.074")]
    [InlineData("65%", QuantityKind.Share, "0.65")]
    [InlineData("0.1x", QuantityKind.Ratio, "0.1")]
    [InlineData("3", QuantityKind.Count, "3")]
    public void A_quantity_is_read_in_base_units(string text, QuantityKind kind, string expected)
    {
        Assert.True(Quantity.TryParse(text, kind, out Quantity quantity, out string problem), problem);
        Assert.Equal(decimal.Parse(expected, System.Globalization.CultureInfo.InvariantCulture), quantity.Value);
        Assert.Equal(kind, quantity.Kind);
    }

    [Theory]
    [InlineData("30", QuantityKind.Bytes, "has no unit")]
    [InlineData("5ms", QuantityKind.Bytes, "is a duration where a size is needed")]
    [InlineData("5MB", QuantityKind.ByteRate, "is a size where a byte rate is needed")]
    [InlineData("20M/s", QuantityKind.ByteRate, "is a rate where a byte rate is needed")]
    [InlineData("5s", QuantityKind.CpuCost, "is a duration where a CPU cost is needed: ms/GB or s/GB")]
    [InlineData("512kib", QuantityKind.Bytes, "did you mean 'KiB'?")]
    [InlineData("512kb", QuantityKind.Bytes, "did you mean 'KB'?")]
    [InlineData("5 parsecs", QuantityKind.Duration, "unknown unit 'parsecs'")]
    [InlineData("-5ms", QuantityKind.Duration, "is not a duration")]
    [InlineData("fast", QuantityKind.Rate, "is not a rate")]
    [InlineData("", QuantityKind.Rate, "is not a rate")]
    [InlineData("1.2.3s", QuantityKind.Duration, "is not a duration")]
    [InlineData("0.5B", QuantityKind.Bytes, "not a whole number of bytes")]
    [InlineData("99999999999999999999GB", QuantityKind.Bytes, "is too large")]
    [InlineData("999999999999999999999999999999999s", QuantityKind.Duration, "is not a duration")]
    public void What_is_no_quantity_of_the_kind_is_refused_with_the_reason(string text, QuantityKind kind, string reason)
    {
        Assert.False(Quantity.TryParse(text, kind, out _, out string problem));
        Assert.Contains(reason, problem, StringComparison.Ordinal);
    }

    [Fact]
    public void Long_and_multi_line_text_is_quoted_on_one_short_line()
    {
        Assert.False(Quantity.TryParse(new string('x', 500) + "\n", QuantityKind.Bytes, out _, out string problem));
        Assert.DoesNotContain('\n', problem);
        Assert.True(problem.Length < 200);
    }

    [Theory]
    [InlineData("524288B", QuantityKind.Bytes, "512KiB")]
    [InlineData("1500B", QuantityKind.Bytes, "1500B")]
    [InlineData("600000000B/s", QuantityKind.ByteRate, "600MB/s")]
    [InlineData("120s", QuantityKind.Duration, "2m")]
    [InlineData("0.005s", QuantityKind.Duration, "5ms")]
    [InlineData("20000k/s", QuantityKind.Rate, "20M/s")]
    public void A_quantity_is_written_in_its_shortest_exact_form(string text, QuantityKind kind, string expected)
    {
        Assert.True(Quantity.TryParse(text, kind, out Quantity quantity, out _));
        Assert.Equal(expected, quantity.ToString());
    }

    [Fact]
    public void Every_unit_reads_back_what_it_writes()
    {
        foreach (Unit unit in Unit.All)
        {
            Quantity quantity = new(unit.Kind, 3 * unit.Factor);
            Assert.True(Quantity.TryParse(quantity.ToString(), unit.Kind, out Quantity again, out string problem), problem);
            Assert.Equal(quantity, again);
        }
    }
}
