using System.Buffers.Binary;
using System.Net;
using Engine.Linux;
using Engine.Wire;

namespace Harness.Load;

/// <summary>
/// In the broker's place as little as there can be: it receives requests over loopback and answers them at once, by <see cref="NullSinkTransport"/>, and keeps
/// nothing. A thread for each connection, asleep in recv while nothing comes. Dispose it behind its clients, whose going ends the threads.
/// </summary>
internal sealed class AnsweringBroker : IDisposable
{
    private const int BufferBytes = 64 * 1024;
    private const int LookMs = 50;

    private readonly FileDescriptor _listener;
    private readonly int _partitions;
    private readonly Thread[] _threads;
    private volatile bool _ended;

    /// <param name="connections">As many as will come.</param>
    /// <param name="partitions">Of each connection, which counts offsets of its own.</param>
    public AnsweringBroker(int connections, int partitions)
    {
        _partitions = partitions;
        _listener = Sockets.Listen(new IPEndPoint(IPAddress.Loopback, 0), connections);
        Address = Sockets.LocalEndPoint(_listener).ToString();
        _threads = [.. Enumerable.Range(0, connections).Select(i => new Thread(Run) { Name = $"answers-{i}", IsBackground = true })];
        Array.ForEach(_threads, static thread => thread.Start());
    }

    /// <summary>host:port.</summary>
    public string Address { get; }

    public void Dispose()
    {
        _ended = true;
        Array.ForEach(_threads, static thread => thread.Join());
        _listener.Dispose();
    }

    private void Run()
    {
        while (!_ended)
        {
            if (Sockets.Poll(_listener, read: true, write: false, LookMs) && Sockets.Accept(_listener, blocking: true) is { } accepted)
            {
                using FileDescriptor socket = accepted;
                Answer(socket);
                return;
            }
        }
    }

    /// <summary>Until the client goes; one whose connection breaks says so itself.</summary>
    private void Answer(FileDescriptor socket)
    {
        using NullSinkTransport sink = new(_partitions);
        Sockets.SendAtOnce(socket, IPAddress.Loopback);
        byte[] requests = new byte[BufferBytes];
        byte[] answers = new byte[BufferBytes];
        int waiting = 0;
        int received;
        while ((received = Sockets.Receive(socket, requests.AsSpan(waiting))) > 0)
        {
            waiting += received;
            int taken = 0;
            int answered = 0;
            while (TryFindRequest(requests.AsSpan(taken, waiting - taken), out int length))
            {
                sink.Send(requests.AsSpan(taken, length));
                taken += length;
                answered += sink.Receive(answers.AsSpan(answered));
                if (answered > BufferBytes / 2)
                {
                    Send(socket, answers.AsSpan(0, answered));
                    answered = 0;
                }
            }

            Send(socket, answers.AsSpan(0, answered));
            requests.AsSpan(taken, waiting - taken).CopyTo(requests);
            waiting -= taken;
            if (waiting == requests.Length)
            {
                Array.Resize(ref requests, 2 * requests.Length);
            }
        }
    }

    /// <summary>True when the bytes begin with a whole request, of that length with its own length in front.</summary>
    private static bool TryFindRequest(ReadOnlySpan<byte> bytes, out int length)
    {
        length = Frames.LengthBytes;
        if (bytes.Length < length)
        {
            return false;
        }

        length += BinaryPrimitives.ReadInt32BigEndian(bytes);
        return bytes.Length >= length;
    }

    /// <summary>A client that has gone is told by the next receive.</summary>
    private static void Send(FileDescriptor socket, ReadOnlySpan<byte> rest)
    {
        int sent;
        while (!rest.IsEmpty && (sent = Sockets.Send(socket, rest)) > 0)
        {
            rest = rest[sent..];
        }
    }
}
