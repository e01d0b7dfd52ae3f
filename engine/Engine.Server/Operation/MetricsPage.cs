using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text;

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
    private readonly IReadOnlyList<EventLoop> _loops;
    private readonly Dispatcher _dispatcher;
    private readonly TopicTable _topics;
    private readonly GcPauses _pauses = GcPauses.Process;
    private readonly Thread _thread;

    public MetricsPage(IPEndPoint endPoint, IReadOnlyList<EventLoop> loops, Dispatcher dispatcher, TopicTable topics)
    {
        _loops = loops;
        _dispatcher = dispatcher;
        _topics = topics;
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
        byte[] request = new byte[RequestBytesMax];
        int length = 0;
        while (length < request.Length && !request.AsSpan(0, length).EndsWith("\r\n\r\n"u8))
        {
            int n = socket.Receive(request, length, request.Length - length, SocketFlags.None);
            if (n == 0)
            {
                return;
            }

            length += n;
        }

        bool get = request.AsSpan(0, length).StartsWith("GET "u8);
        string body = get ? Page() : "";
        string head = string.Create(
            CultureInfo.InvariantCulture,
            $"HTTP/1.0 {(get ? "200 OK" : "405 Method Not Allowed")}\r\nContent-Type: text/plain; version=0.0.4\r\nContent-Length: {Encoding.UTF8.GetByteCount(body)}\r\nConnection: close\r\n\r\n");
        socket.Send(Encoding.UTF8.GetBytes(head + body));
        socket.Shutdown(SocketShutdown.Send);
    }

    private string Page() => new MetricsText(_loops, _dispatcher, _topics, _pauses).ToString();
}
