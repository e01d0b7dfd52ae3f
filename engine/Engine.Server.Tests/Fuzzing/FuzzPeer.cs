using System.Net;
using System.Net.Sockets;

namespace Engine.Server.Tests.Fuzzing;

/// <summary>Sends frames in pieces of random length over one connection after the other, and reads to the end whatever is answered.</summary>
internal sealed class FuzzPeer(IPEndPoint engine, Random random)
{
    private const int TimeoutMs = 30_000;
    private const int AddressesMax = 200;

    private readonly byte[] _answers = new byte[64 * 1024];

    public void Exchange(byte[] stream)
    {
        using Socket socket = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);

        // From many addresses of the loopback network: one of them would run out of ports.
        socket.Bind(new IPEndPoint(new IPAddress(new byte[] { 127, 0, 1, (byte)random.Next(1, AddressesMax) }), 0));
        socket.NoDelay = true;
        socket.ReceiveTimeout = TimeoutMs;
        socket.SendTimeout = TimeoutMs;
        socket.Connect(engine);
        try
        {
            for (int at = 0; at < stream.Length;)
            {
                int length = Math.Min(stream.Length - at, random.Next(4) == 0 ? random.Next(1, 64) : stream.Length);
                socket.Send(stream.AsSpan(at, length));
                at += length;
            }

            if (random.Next(20) == 0)
            {
                socket.LingerState = new LingerOption(enable: true, seconds: 0);
                return; // gone without a word
            }

            socket.Shutdown(SocketShutdown.Send);
            while (socket.Receive(_answers) > 0)
            {
            }
        }
        catch (SocketException closed) when (closed.SocketErrorCode is SocketError.ConnectionReset or SocketError.Shutdown or SocketError.NotConnected)
        {
            // What the engine refuses it closes, with the rest unread.
        }
    }
}
