using System.Buffers.Binary;
using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;
using Engine.Wire;
using Harness.Targets;

namespace Harness.Runs.Tests.Running;

/// <summary>
/// Stands before a broker and passes everything on, except that it may change one byte of one value in one Fetch response and make the batch's
/// checksum right again: damage that no CRC shows.
/// </summary>
internal sealed class DamagingProxy : IDisposable
{
    private const int RecordFrameBytes = 8;

    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly IPEndPoint _broker;
    private readonly bool _damages;
    private readonly ConcurrentBag<Socket> _sockets = [];
    private int _damaged;

    public DamagingProxy(IPEndPoint broker, bool damages)
    {
        _broker = broker;
        _damages = damages;
        _listener.Start();
        _ = AcceptAsync();
    }

    public BrokerAddress Address => new("127.0.0.1", ((IPEndPoint)_listener.LocalEndpoint).Port);

    /// <summary>Batches changed: at most one.</summary>
    public int Damaged => Math.Min(1, Volatile.Read(ref _damaged));

    public void Dispose()
    {
        _listener.Dispose();
        foreach (Socket socket in _sockets)
        {
            socket.Dispose();
        }
    }

    private async Task AcceptAsync()
    {
        try
        {
            while (true)
            {
                Socket client = await _listener.AcceptSocketAsync();
                Socket broker = new(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
                client.NoDelay = true;
                _sockets.Add(client);
                _sockets.Add(broker);
                await broker.ConnectAsync(_broker);
                ConcurrentDictionary<int, bool> fetches = new();
                _ = PassAsync(client, broker, frame => Note(frame, fetches));
                _ = PassAsync(broker, client, frame => Change(frame, fetches));
            }
        }
        catch (Exception e) when (e is SocketException or ObjectDisposedException)
        {
            // The test is over.
        }
    }

    /// <summary>Frame by frame, each with its length in front.</summary>
    private static async Task PassAsync(Socket from, Socket to, Action<byte[]> seen)
    {
        try
        {
            using NetworkStream input = new(from);
            using NetworkStream output = new(to);
            byte[] length = new byte[4];
            while (true)
            {
                await input.ReadExactlyAsync(length);
                byte[] frame = new byte[BinaryPrimitives.ReadInt32BigEndian(length)];
                await input.ReadExactlyAsync(frame);
                seen(frame);
                await output.WriteAsync(length);
                await output.WriteAsync(frame);
            }
        }
        catch (Exception e) when (e is IOException or ObjectDisposedException)
        {
            // One side has gone; the other shall know.
            from.Dispose();
            to.Dispose();
        }
    }

    /// <summary>Remembers which answers will be to fetches: api key, version, correlation id.</summary>
    private static void Note(byte[] request, ConcurrentDictionary<int, bool> fetches)
    {
        if (BinaryPrimitives.ReadInt16BigEndian(request) == (short)ApiKey.Fetch)
        {
            fetches[BinaryPrimitives.ReadInt32BigEndian(request.AsSpan(4))] = true;
        }
    }

    private void Change(byte[] response, ConcurrentDictionary<int, bool> fetches)
    {
        if (!_damages || !fetches.TryRemove(BinaryPrimitives.ReadInt32BigEndian(response), out _) || Volatile.Read(ref _damaged) > 0)
        {
            return;
        }

        for (int at = 0; at + RecordBatch.HeaderBytes < response.Length; at++)
        {
            int size = RecordBatch.LogOverheadBytes + BinaryPrimitives.ReadInt32BigEndian(response.AsSpan(at + RecordBatch.LengthAt));
            if (response[at + RecordBatch.MagicAt] != RecordBatch.Magic || size <= RecordBatch.HeaderBytes || at + size > response.Length)
            {
                continue;
            }

            Span<byte> batch = response.AsSpan(at, size);
            if (RecordBatch.Check(batch) == BatchFault.None && Interlocked.Increment(ref _damaged) == 1)
            {
                batch[RecordBatch.HeaderBytes + RecordFrameBytes + 25] ^= 1;
                BinaryPrimitives.WriteUInt32BigEndian(batch[RecordBatch.CrcAt..], Crc32C.Compute(batch[RecordBatch.AttributesAt..]));
                return;
            }
        }
    }
}
