using System.Net;
using System.Net.Sockets;

namespace Harness.Targets;

/// <summary>Where a broker listens: a name or an IP address (IPv6 without brackets), and a port.</summary>
public readonly record struct BrokerAddress(string Host, int Port)
{
    /// <summary>Reads <c>host:port</c> or <c>[ipv6]:port</c>; anything else is a usage error that quotes it.</summary>
    public static BrokerAddress Parse(string text) =>
        TryParse(text, out BrokerAddress address)
            ? address
            : throw new TargetException($"'{text}' is not an address: HOST:PORT is wanted, IPv6 as [HOST]:PORT")
            {
                ExitCode = TargetException.UsageExitCode,
            };

    public static bool TryParse(string text, out BrokerAddress address)
    {
        ArgumentNullException.ThrowIfNull(text);
        address = default;
        int colon = text.LastIndexOf(':');
        if (colon <= 0
            || !ushort.TryParse(text.AsSpan(colon + 1), System.Globalization.NumberStyles.None, null, out ushort port)
            || port == 0)
        {
            return false;
        }

        string host = text[..colon];
        bool bracketed = host.StartsWith('[') && host.EndsWith(']');
        if (bracketed)
        {
            host = host[1..^1];
        }

        // A colon outside brackets leaves open where the host ends.
        if (host.Contains(':') ? !bracketed || !IPAddress.TryParse(host, out _) : bracketed || !IsHostName(host))
        {
            return false;
        }

        address = new BrokerAddress(host, port);
        return true;
    }

    /// <summary>The IP address to connect to, IPv4 first where a name has both: clients that connect by system call need it.</summary>
    public async Task<IPEndPoint> ResolveAsync(CancellationToken cancellation = default)
    {
        if (IPAddress.TryParse(Host, out IPAddress? literal))
        {
            return new IPEndPoint(literal, Port);
        }

        try
        {
            IPAddress[] found = await Dns.GetHostAddressesAsync(Host, cancellation);
            IPAddress? best = found.FirstOrDefault(a => a.AddressFamily == AddressFamily.InterNetwork) ?? found.FirstOrDefault();
            return best is null
                ? throw new TargetException($"broker {this}: the name {Host} has no address")
                : new IPEndPoint(best, Port);
        }
        catch (SocketException e)
        {
            throw new TargetException($"broker {this}: the name {Host} cannot be resolved: {e.Message}", e);
        }
    }

    public override string ToString() => Host.Contains(':') ? $"[{Host}]:{Port}" : $"{Host}:{Port}";

    private static bool IsHostName(string host) =>
        host.All(c => char.IsAsciiLetterOrDigit(c) || c is '.' or '-' or '_');
}
