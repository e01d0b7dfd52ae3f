using System.Buffers.Binary;
using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;
using Engine.Wire;

namespace Harness.Targets.Tests;

/// <summary>One request as the fake broker received it.</summary>
internal sealed record ReceivedRequest(ApiKey Key, short Version, int CorrelationId, byte[] Frame)
{
    internal T Body<T>()
        where T : class, IWireMessage<T>, new()
    {
        WireReader reader = new(Frame);
        RequestHeader.Read(ref reader);
        RequestHeader.ReadRest(ref reader, Apis.IsFlexible(Key, Version));
        T body = new();
        T.Describe(ref reader, body, Version);
        return reader.Remaining == 0 ? body : throw new WireFormatException($"{reader.Remaining} bytes too many");
    }

    /// <summary>The answer as a broker that serves this version writes it.</summary>
    internal byte[] Answer<T>(T body, short? version = null, int correlationOffset = 0)
        where T : class, IWireMessage<T>, new()
    {
        WireBuffer buffer = new();
        int start = Frames.BeginResponse(buffer, Key, version ?? Version, CorrelationId + correlationOffset);
        WireBuffer io = buffer;
        T.Describe(ref io, body, version ?? Version);
        Frames.End(buffer, start);
        return buffer.Written.ToArray();
    }
}

/// <summary>What a fake broker does with a request: sends these bytes, then goes on, closes, or never says another word.</summary>
internal sealed record Reaction(byte[] Bytes, bool Close = false);

/// <summary>A broker on loopback whose every answer the test decides.</summary>
internal sealed class FakeBroker : IDisposable
{
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly Func<ReceivedRequest, Reaction> _react;

    internal FakeBroker(Func<ReceivedRequest, Reaction> react)
    {
        _react = react;
        _listener.Start();
        _ = AcceptAsync();
    }

    internal BrokerAddress Address => new("127.0.0.1", ((IPEndPoint)_listener.LocalEndpoint).Port);

    internal ConcurrentQueue<ReceivedRequest> Received { get; } = new();

    internal int Connections { get; private set; }

    /// <summary>A broker that offers <paramref name="offered"/> (everything served, unless given) and answers the rest by <paramref name="react"/>.</summary>
    internal static FakeBroker Offering(Func<ReceivedRequest, Reaction> react, List<ApiVersionEntry>? offered = null) =>
        new(request => request.Key == ApiKey.ApiVersions
            ? new Reaction(request.Answer(new ApiVersionsResponse { Apis = offered ?? Everything() }))
            : react(request));

    internal static List<ApiVersionEntry> Everything() =>
        [.. Apis.Served.Select(api => new ApiVersionEntry { Key = (short)api.Key, Min = api.AdvertisedMin, Max = api.Max })];

    public void Dispose() => _listener.Dispose();

    private async Task AcceptAsync()
    {
        try
        {
            while (true)
            {
                TcpClient client = await _listener.AcceptTcpClientAsync();
                Connections++;
                _ = ServeAsync(client);
            }
        }
        catch (Exception e) when (e is SocketException or ObjectDisposedException)
        {
            // The test is over.
        }
    }

    private async Task ServeAsync(TcpClient client)
    {
        using TcpClient owned = client;
        NetworkStream stream = client.GetStream();
        byte[] prefix = new byte[4];
        try
        {
            while (true)
            {
                await stream.ReadExactlyAsync(prefix);
                byte[] frame = new byte[BinaryPrimitives.ReadInt32BigEndian(prefix)];
                await stream.ReadExactlyAsync(frame);
                ReceivedRequest request = Parse(frame);
                Received.Enqueue(request);
                Reaction reaction = _react(request);
                await stream.WriteAsync(reaction.Bytes);
                if (reaction.Close)
                {
                    return;
                }
            }
        }
        catch (IOException)
        {
            // The client went away, which is its right.
        }
    }

    private static ReceivedRequest Parse(byte[] frame)
    {
        WireReader reader = new(frame);
        RequestHeader header = RequestHeader.Read(ref reader);
        return new ReceivedRequest((ApiKey)header.Key, header.Version, header.CorrelationId, frame);
    }
}
