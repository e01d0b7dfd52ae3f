using System.Globalization;
using System.Net;

namespace Engine.Server;

/// <summary>Addresses as they stand on the command line.</summary>
internal static class Addresses
{
    /// <summary>An IP address (or localhost) and a port to bind to.</summary>
    public static IPEndPoint ParseListen(string option, string text)
    {
        DnsEndPoint host = ParseHost(option, text, portMin: 0);
        if (host.Host == "localhost")
        {
            return new IPEndPoint(IPAddress.Loopback, host.Port);
        }

        return IPAddress.TryParse(host.Host, out IPAddress? address)
            ? new IPEndPoint(address, host.Port)
            : throw new ConfigException($"{option} {text}: '{host.Host}' is not an IP address of this machine");
    }

    /// <summary>HOST:PORT, the host a name or an address ([…] around IPv6).</summary>
    public static DnsEndPoint ParseHost(string option, string text, int portMin = 1)
    {
        int separator = text.LastIndexOf(':');
        string host = separator > 0 ? text[..separator].Trim('[', ']') : "";
        bool valid = int.TryParse(text.AsSpan(separator + 1), NumberStyles.None, CultureInfo.InvariantCulture, out int port);
        return host.Length > 0 && valid && port >= portMin && port <= IPEndPoint.MaxPort
            ? new DnsEndPoint(host, port)
            : throw new ConfigException($"{option} {text}: not HOST:PORT with a port from {portMin} to {IPEndPoint.MaxPort}");
    }
}
