using System.Net;
using System.Net.Sockets;
using System.Text;

namespace Harness.Targets.Tests;

public sealed class EngineMetricsTests
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Values_are_read_by_name_over_HTTP_1_0()
    {
        (IReadOnlyDictionary<string, double>? values, TargetException? error, string request) = await ScrapeAsync(
            "HTTP/1.0 200 OK\r\nContent-Type: text/plain; version=0.0.4\r\n\r\n"
            + "# HELP engine_requests_total Requests.\n# TYPE engine_requests_total counter\nengine_requests_total 42\n\n"
            + "process_cpu_seconds_total 1.25 1700000000000\nrequests{api=\"Fetch v11\",ok=\"1\"} 7\ntop +Inf\nnone NaN\n");

        Assert.Null(error);
        Assert.Equal(42, values![EngineMetrics.Requests]);
        Assert.Equal(1.25, values[EngineMetrics.CpuSeconds]);
        Assert.Equal(7, values["requests{api=\"Fetch v11\",ok=\"1\"}"]);
        Assert.Equal(double.PositiveInfinity, values["top"]);
        Assert.Equal(double.NaN, values["none"]);
        Assert.Equal(5, values.Count);
        Assert.StartsWith("GET /metrics HTTP/1.0\r\n", request, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("HTTP/1.0 404 Not Found\r\n\r\n", "HTTP status 404")]
    [InlineData("HTTP/1.0 200 OK\r\n\r\nengine_requests_total\n", "'engine_requests_total' is not a name and a value")]
    [InlineData("HTTP/1.0 200 OK\r\n\r\nengine_requests_total many\n", "'engine_requests_total many' is not a name and a value")]
    [InlineData("HTTP/1.0 200 OK\r\nContent-Length: 100\r\n\r\nshort 1\n", "metrics of 127.0.0.1:")]
    [InlineData("garbage\r\n\r\n", "metrics of 127.0.0.1:")]
    [InlineData("", "metrics of 127.0.0.1:")]
    [InlineData(null, "no answer within 0.2 s")]
    public async Task What_cannot_be_read_is_one_line_with_the_address(string? response, string message)
    {
        (_, TargetException? error, _) = await ScrapeAsync(response);

        Assert.NotNull(error);
        Assert.Contains(message, error.Message, StringComparison.Ordinal);
        Assert.DoesNotContain('\n', error.Message);
    }

    /// <param name="response">Null: accept and never answer.</param>
    private static async Task<(IReadOnlyDictionary<string, double>? Values, TargetException? Error, string Request)> ScrapeAsync(
        string? response)
    {
        using TcpListener listener = new(IPAddress.Loopback, 0);
        listener.Start();
        using EngineMetrics metrics = new(
            new BrokerAddress("127.0.0.1", ((IPEndPoint)listener.LocalEndpoint).Port),
            response is null ? TimeSpan.FromSeconds(0.2) : null);
        Task<IReadOnlyDictionary<string, double>> scrape = metrics.ScrapeAsync(Cancel);
        using TcpClient client = await listener.AcceptTcpClientAsync(Cancel);
        listener.Stop(); // An HTTP client may try again where it got nothing at all.
        byte[] request = new byte[4096];
        int n = await client.GetStream().ReadAsync(request, Cancel);
        if (response is not null)
        {
            await client.GetStream().WriteAsync(Encoding.UTF8.GetBytes(response), Cancel);
            client.Close();
        }

        try
        {
            return (await scrape, null, Encoding.UTF8.GetString(request, 0, n));
        }
        catch (TargetException e)
        {
            return (null, e, Encoding.UTF8.GetString(request, 0, n));
        }
    }
}
