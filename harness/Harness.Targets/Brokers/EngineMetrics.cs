using System.Globalization;
using System.Net;

namespace Harness.Targets;

/// <summary>
/// The engine's own counters, read from the Prometheus text that it serves: what only the process itself can count. A reading
/// costs the engine a little, so it is taken at the edges of a window and not inside it.
/// </summary>
public sealed class EngineMetrics : IDisposable
{
    public const string GcAllocatedBytes = "dotnet_gc_allocated_bytes_total";
    public const string GcCollections = "dotnet_gc_collections_total";
    public const string GcPauseSeconds = "dotnet_gc_pause_seconds_sum";
    public const string GcPausesUpTo = "dotnet_gc_pause_seconds_bucket";
    public const string Requests = "engine_requests_total";
    public const string ProduceBytes = "engine_produce_bytes_total";
    public const string FetchBytes = "engine_fetch_bytes_total";
    public const string CpuSeconds = "process_cpu_seconds_total";

    private const int TextBytesMax = 1 << 20;

    private readonly HttpClient _client;
    private readonly BrokerAddress _address;

    public EngineMetrics(BrokerAddress address, TimeSpan? timeout = null)
    {
        _address = address;

        // A proxy from the environment has no business with a port on this machine.
        _client = new HttpClient(new SocketsHttpHandler { UseProxy = false, AllowAutoRedirect = false })
        {
            Timeout = timeout ?? TimeSpan.FromSeconds(5),
            MaxResponseContentBufferSize = TextBytesMax,
        };
    }

    /// <summary>All values by name; a name with labels keeps them, as <c>name{label="value"}</c>.</summary>
    public async Task<IReadOnlyDictionary<string, double>> ScrapeAsync(CancellationToken cancellation = default)
    {
        using HttpRequestMessage request = new(HttpMethod.Get, $"http://{_address}/metrics")
        {
            Version = HttpVersion.Version10,
            VersionPolicy = HttpVersionPolicy.RequestVersionExact,
        };
        try
        {
            using HttpResponseMessage response = await _client.SendAsync(request, cancellation);
            if (response.StatusCode != HttpStatusCode.OK)
            {
                throw new TargetException($"metrics of {_address}: HTTP status {(int)response.StatusCode}");
            }

            return Parse(await response.Content.ReadAsStringAsync(cancellation));
        }
        catch (OperationCanceledException e) when (!cancellation.IsCancellationRequested)
        {
            throw new TargetException($"metrics of {_address}: no answer within {_client.Timeout.TotalSeconds:0.##} s", e);
        }
        catch (HttpRequestException e)
        {
            throw new TargetException($"metrics of {_address}: {e.Message}", e);
        }
    }

    public void Dispose() => _client.Dispose();

    /// <summary>Reads the text format: <c>name value</c> or <c>name{labels} value</c>, a timestamp after it passed over.</summary>
    internal Dictionary<string, double> Parse(string text)
    {
        Dictionary<string, double> values = new(StringComparer.Ordinal);
        foreach (string raw in text.Split('\n'))
        {
            string line = raw.Trim();
            if (line.Length == 0 || line[0] == '#')
            {
                continue;
            }

            int labelsEnd = line.LastIndexOf('}');
            int nameEnd = labelsEnd >= 0 ? labelsEnd + 1 : line.IndexOf(' ', StringComparison.Ordinal);
            string value = nameEnd > 0 ? line[nameEnd..].TrimStart().Split(' ')[0] : "";
            values[nameEnd > 0 ? line[..nameEnd] : line] = Number(value) ?? throw new TargetException(
                $"metrics of {_address}: '{line}' is not a name and a value");
        }

        return values;
    }

    private static double? Number(string text) => text switch
    {
        "+Inf" => double.PositiveInfinity,
        "-Inf" => double.NegativeInfinity,
        _ => double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out double value) ? value : null,
    };
}
