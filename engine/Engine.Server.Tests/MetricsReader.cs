using System.Globalization;
using System.Net;

namespace Engine.Server.Tests;

/// <summary>Reads one series of an engine's metrics page.</summary>
internal static class MetricsReader
{
    public static async Task<double> Read(IPEndPoint page, string series)
    {
        using HttpClient http = new();
        string text = await http.GetStringAsync(new Uri($"http://{page}/metrics"));
        string line = text.Split('\n').First(l => l.StartsWith(series + " ", StringComparison.Ordinal));
        return double.Parse(line[(series.Length + 1)..], CultureInfo.InvariantCulture);
    }
}
