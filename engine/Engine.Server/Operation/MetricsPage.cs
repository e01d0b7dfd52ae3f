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
    private readonly Thread _thread;

    public MetricsPage(IPEndPoint endPoint, IReadOnlyList<EventLoop> loops, Dispatcher dispatcher)
    {
        _loops = loops;
        _dispatcher = dispatcher;
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

    private string Page()
    {
        StringBuilder page = new();
        Counter(page, "engine_requests_total", "Requests handled.", _loops.Sum(loop => Volatile.Read(ref loop.Counters.Requests)));
        Counter(page, "engine_produce_bytes_total", "Bytes of batches appended.", _loops.Sum(loop => Volatile.Read(ref loop.Counters.ProduceBytes)));
        Counter(page, "engine_fetch_bytes_total", "Bytes of batches queued to consumers.", _loops.Sum(loop => Volatile.Read(ref loop.Counters.FetchBytes)));
        Gauge(page, "engine_connections", "Open connections.", _dispatcher.OpenConnections);
        Gauge(page, "engine_groups", "Consumer groups, those without members included.", _dispatcher.Groups.GroupCount);
        Counter(page, "dotnet_gc_allocated_bytes_total", "Bytes allocated on the managed heap.", GC.GetTotalAllocatedBytes(precise: true));
        Counter(page, "dotnet_gc_collections_total", "Garbage collections.", GC.CollectionCount(0));
        Counter(page, "process_cpu_seconds_total", "CPU time of the process.", Environment.CpuUsage.TotalTime.TotalSeconds);
        return page.ToString();
    }

    private static void Counter(StringBuilder page, string name, string help, double value) => Line(page, name, help, "counter", value);

    private static void Gauge(StringBuilder page, string name, string help, double value) => Line(page, name, help, "gauge", value);

    private static void Line(StringBuilder page, string name, string help, string type, double value) => page.Append(
        CultureInfo.InvariantCulture,
        $"# HELP {name} {help}\n# TYPE {name} {type}\n{name} {value.ToString("R", CultureInfo.InvariantCulture)}\n");
}
