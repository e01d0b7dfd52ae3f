using System.Net;
using Engine.Linux;

namespace Engine.Server;

/// <summary>
/// The thread that accepts connections and deals them out to the loops in turn. A thread of its own, because accepting is rare
/// and must go on (to refuse) when the loops are busy.
/// </summary>
internal sealed class Acceptor : IDisposable
{
    private const int OutOfDescriptorsPauseMs = 100;

    private readonly FileDescriptor _listener;
    private readonly Epoll _epoll = new();
    private readonly EventLoop[] _loops;
    private readonly Dispatcher _dispatcher;
    private readonly Thread _thread;
    private int _next;
    private volatile bool _stopping;

    /// <param name="listener">Stays the caller's.</param>
    public Acceptor(FileDescriptor listener, EventLoop[] loops, Dispatcher dispatcher)
    {
        _loops = loops;
        _dispatcher = dispatcher;
        _listener = listener;
        _epoll.Watch(_listener, EpollEvents.In, 0);
        _thread = new Thread(Run) { Name = "acceptor", IsBackground = true };
    }

    public void Start() => _thread.Start();

    public void Dispose()
    {
        _stopping = true;
        _epoll.Wake();
        if (_thread.IsAlive)
        {
            _thread.Join();
        }

        _epoll.Dispose();
    }

    private void Run()
    {
        EpollEvent[] events = new EpollEvent[4];
        while (!_stopping)
        {
            if (_epoll.Wait(events, -1) == 0)
            {
                continue;
            }

            try
            {
                while (!_stopping && Sockets.Accept(_listener) is { } socket)
                {
                    Deal(socket);
                }
            }
            catch (LinuxException failed)
            {
                // Out of descriptors, most likely: the waiting client stays in the backlog until one is free.
                _dispatcher.Log.Refused(null, failed.Message);
                Thread.Sleep(OutOfDescriptorsPauseMs);
            }
        }
    }

    private void Deal(FileDescriptor socket)
    {
        IPEndPoint? peer = Sockets.RemoteEndPoint(socket);
        if (_dispatcher.Connections.TryAdmit(peer?.Address) is { } limit)
        {
            _dispatcher.Log.LimitReached(peer, limit);
            socket.Dispose();
            return;
        }

        try
        {
            Sockets.SetBuffers(socket, _dispatcher.Config.SocketSendBufferBytes, _dispatcher.Config.SocketReceiveBufferBytes);
        }
        catch (LinuxException gone)
        {
            _dispatcher.Log.Refused(peer, gone.Message);
            _dispatcher.Connections.Release(peer?.Address);
            socket.Dispose();
            return;
        }

        _loops[_next].Adopt(socket, peer);
        _next = (_next + 1) % _loops.Length;
    }
}
