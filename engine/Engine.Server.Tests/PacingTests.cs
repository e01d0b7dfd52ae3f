using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text;
using Engine.Wire;

namespace Engine.Server.Tests;

public sealed class PacingTests(EngineFixture engine) : IClassFixture<EngineFixture>
{
    private const int IpProtoTcp = 6;
    private const int TcpCongestion = 13;

    [Fact]
    public void A_client_on_this_host_is_answered_without_pacing()
    {
        using TestClient client = engine.Connect();
        Assert.NotEmpty(client.Ask<ApiVersionsRequest, ApiVersionsResponse>(ApiKey.ApiVersions, 0, new ApiVersionsRequest()).Apis);
        using Socket other = OtherEnd(client);
        byte[] name = new byte[16];
        int length = other.GetRawSocketOption(IpProtoTcp, TcpCongestion, name);
        Assert.Equal("reno", Encoding.ASCII.GetString(name, 0, length).TrimEnd('\0'));
    }

    /// <summary>The engine runs in this process, so its end of the connection is one of this process's sockets.</summary>
    private static Socket OtherEnd(TestClient client)
    {
        foreach (string path in Directory.EnumerateFiles("/proc/self/fd"))
        {
            if (new FileInfo(path).LinkTarget?.StartsWith("socket:", StringComparison.Ordinal) != true)
            {
                continue;
            }

            Socket? socket = null;
            try
            {
                socket = new Socket(new SafeSocketHandle(int.Parse(Path.GetFileName(path), CultureInfo.InvariantCulture), ownsHandle: false));
                if (socket.RemoteEndPoint is IPEndPoint peer && peer.Port == client.LocalEndPoint.Port && peer.Address.MapToIPv4().Equals(client.LocalEndPoint.Address.MapToIPv4()))
                {
                    return socket;
                }
            }
            catch (SocketException)
            {
                // Not connected: a listener, or one that has ended.
            }

            socket?.Dispose();
        }

        throw new InvalidOperationException("the engine's end of the connection is not among this process's sockets");
    }
}
