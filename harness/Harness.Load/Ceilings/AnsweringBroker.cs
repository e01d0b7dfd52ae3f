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
    private const int AnswersBytesMax = 64 * 1024;
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
        byte[] requests = new byte[AnswersBytesMax];
        byte[] answers = new byte[AnswersBytesMax];
        int waiting = 0;
        int received;
        while ((received = Sockets.Receive(socket, requests.AsSpan(waiting))) > 0)
        {
            waiting += received;
            int taken = 0;
            int missing = 0;
            while (missing == 0 && waiting - taken >= Frames.LengthBytes)
            {
                int length = Frames.LengthBytes + BinaryPrimitives.ReadInt32BigEndian(requests.AsSpan(taken));
                if (length > waiting - taken)
                {
                    missing = length;
                }
                else
                {
                    sink.Send(requests.AsSpan(taken, length));
                    taken += length;
                }
            }

            requests.AsSpan(taken, waiting - taken).CopyTo(requests);
            waiting -= taken;
            if (missing > requests.Length)
            {
                Array.Resize(ref requests, missing);
            }

            int answered = sink.Receive(answers);
            for (int sent = 0; sent < answered;)
            {
                int count = Sockets.Send(socket, answers.AsSpan(sent, answered - sent));
                if (count <= 0)
                {
                    return;
                }

                sent += count;
            }
        }
    }
}
