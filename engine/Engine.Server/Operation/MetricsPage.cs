using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text.Unicode;

namespace Engine.Server;

/// <summary>
/// The engine's counters in Prometheus text, answered to any HTTP GET by a thread of its own. Not Kestrel: it would be most of the
/// engine's start-up time and memory, for one page.
/// </summary>
internal sealed class MetricsPage : IDisposable
{
    private const int RequestBytesMax = 8192;
    private const int TimeoutMs = 2000;

    private readonly TcpListener _listener;
    private readonly Dispatcher _dispatcher;
    private readonly MetricsText _text;
    private readonly byte[] _request = new byte[RequestBytesMax];
    private readonly Thread _thread;

    public MetricsPage(IPEndPoint endPoint, IReadOnlyList<EventLoop> loops, Dispatcher dispatcher, TopicTable topics)
    {
        _dispatcher = dispatcher;
        _text = new MetricsText(loops, dispatcher, topics, GcPauses.Process);
        _listener = new TcpListener(endPoint);
        _listener.Start();
        _thread = new Thread(Run) { Name = "metrics", IsBackground = true };
    }

    public IPEndPoint EndPoint => (IPEndPoint)_listener.LocalEndpoint;

    public void Start() => _thread.Start();

    public void Dispose()
    {
        _listener.Dispose();
        if (_thread.IsAlive)
        {
            _thread.Join();
        }
    }

    private void Run()
    {
        while (true)
        {
            Socket socket;
            try
            {
                socket = _listener.AcceptSocket();
            }
            catch (Exception stopped) when (stopped is SocketException or ObjectDisposedException or InvalidOperationException)
            {
                return;
            }

            using (socket)
            {
                try
                {
                    Answer(socket);
                }
                catch (SocketException failed)
                {
                    _dispatcher.Log.Refused(null, $"metrics: {failed.Message}");
                }
            }
        }
    }

    private void Answer(Socket socket)
    {
        socket.ReceiveTimeout = TimeoutMs;
        socket.SendTimeout = TimeoutMs;
        Span<byte> request = _request;
        int length = 0;
        while (length < request.Length && !request[..length].EndsWith("\r\n\r\n"u8))
        {
            int n = socket.Receive(request[length..]);
            if (n == 0)
            {
                return;
            }

            length += n;
        }

        bool get = request[..length].StartsWith("GET "u8);
        ReadOnlySpan<byte> body = get ? _text.Write() : [];

        // Over the request, which has been read.
        _ = Utf8.TryWrite(
            request,
            CultureInfo.InvariantCulture,
            $"HTTP/1.0 {(get ? "200 OK" : "405 Method Not Allowed")}\r\nContent-Type: text/plain; version=0.0.4\r\nContent-Length: {body.Length}\r\nConnection: close\r\n\r\n",
            out int headLength);
        Send(socket, request[..headLength]);
        Send(socket, body);
        socket.Shutdown(SocketShutdown.Send);
    }

    private static void Send(Socket socket, ReadOnlySpan<byte> bytes)
    {
        while (!bytes.IsEmpty)
        {
            bytes = bytes[socket.Send(bytes)..];
        }
    }
}
