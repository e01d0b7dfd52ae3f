using System.Buffers.Binary;
using System.Net.Sockets;
using Engine.Wire;

namespace Harness.Targets;

/// <summary>
/// One connection to a broker that carries one request at a time. Ordinary sockets and tasks: it carries a few requests a
/// run, none of them measured. After any failure of transport or format it is of no more use, since an answer that still
/// comes would be taken for that of the next request; its owner makes another.
/// </summary>
internal sealed class KafkaConnection : IDisposable
{
    /// <summary>What a broker may claim as the length of an answer before it is taken for something else than a broker.</summary>
    private const int AnswerBytesMax = 64 << 20;

    private readonly BrokerAddress _address;
    private readonly KafkaAdminOptions _options;
    private readonly Socket _socket = new(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
    private readonly WireBuffer _request = new();
    private int _correlationId;

    private KafkaConnection(BrokerAddress address, KafkaAdminOptions options)
    {
        _address = address;
        _options = options;
    }

    /// <summary>False once something went wrong on it.</summary>
    internal bool IsUsable { get; private set; } = true;

    internal static async Task<KafkaConnection> ConnectAsync(
        BrokerAddress address, KafkaAdminOptions options, CancellationToken cancellation)
    {
        KafkaConnection connection = new(address, options);
        using CancellationTokenSource over = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        over.CancelAfter(options.ConnectTimeout);
        try
        {
            await connection._socket.ConnectAsync(address.Host, address.Port, over.Token);
            return connection;
        }
        catch (Exception e)
        {
            connection.Dispose();
            throw e switch
            {
                OperationCanceledException when !cancellation.IsCancellationRequested =>
                    new TargetException($"broker {address}: no connection within {options.ConnectTimeout.TotalSeconds:0.##} s", e),
                SocketException => new TargetException($"broker {address}: no connection: {e.Message}", e),
                _ => e,
            };
        }
    }

    /// <summary>Sends a request and returns its answer, read in the version that was sent.</summary>
    internal async Task<TResponse> CallAsync<TRequest, TResponse>(
        ApiKey key, short version, TRequest request, CancellationToken cancellation)
        where TRequest : class, IWireMessage<TRequest>, new()
        where TResponse : class, IWireMessage<TResponse>, new()
    {
        byte[] frame = await ExchangeAsync(key, version, request, cancellation);
        return Read<TResponse>(frame, key, version);
    }

    /// <summary>
    /// Asks for the versions that the broker offers. A broker that does not know our version of this request answers error 35
    /// in version 0, naming what it knows, and is asked again in that.
    /// </summary>
    internal async Task<List<ApiVersionEntry>> GetApiVersionsAsync(CancellationToken cancellation)
    {
        ApiVersionsRequest request = new()
        {
            ClientSoftwareName = "harness",
            ClientSoftwareVersion = typeof(KafkaConnection).Assembly.GetName().Version!.ToString(3),
        };
        short version = Apis.Find((short)ApiKey.ApiVersions)!.Value.Max;
        byte[] frame = await ExchangeAsync(ApiKey.ApiVersions, version, request, cancellation);
        if (ErrorOfApiVersions(frame) == ErrorCode.UnsupportedVersion)
        {
            ApiVersionsResponse refusal = Read<ApiVersionsResponse>(frame, ApiKey.ApiVersions, 0);
            version = Math.Min(version, refusal.Apis.Find(api => api.Key == (short)ApiKey.ApiVersions)?.Max ?? 0);
            frame = await ExchangeAsync(ApiKey.ApiVersions, version, request, cancellation);
            if (ErrorOfApiVersions(frame) == ErrorCode.UnsupportedVersion)
            {
                throw Broken($"refuses ApiVersions {version}, which it says it offers: {TargetException.Describe(ErrorCode.UnsupportedVersion)}");
            }
        }

        ApiVersionsResponse response = Read<ApiVersionsResponse>(frame, ApiKey.ApiVersions, version);
        return response.Error == ErrorCode.None
            ? response.Apis
            : throw Broken($"answers ApiVersions with {TargetException.Describe(response.Error)}", error: response.Error);
    }

    public void Dispose()
    {
        IsUsable = false;
        _socket.Dispose();
    }

    /// <summary>The error comes first in every version, right after the correlation id.</summary>
    private ErrorCode ErrorOfApiVersions(byte[] frame) => frame.Length >= sizeof(int) + sizeof(short)
        ? (ErrorCode)BinaryPrimitives.ReadInt16BigEndian(frame.AsSpan(sizeof(int)))
        : throw Broken($"answers ApiVersions with {frame.Length} bytes");

    private async Task<byte[]> ExchangeAsync<TRequest>(
        ApiKey key, short version, TRequest request, CancellationToken cancellation)
        where TRequest : class, IWireMessage<TRequest>, new()
    {
        using CancellationTokenSource over = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        over.CancelAfter(_options.RequestTimeout);
        Write(key, version, request);
        bool whole = false;
        try
        {
            for (ReadOnlyMemory<byte> left = _request.Written.ToArray(); !left.IsEmpty;)
            {
                left = left[await _socket.SendAsync(left, over.Token)..];
            }

            byte[] frame = await ReceiveFrameAsync(key, over.Token);
            whole = true;
            return frame;
        }
        catch (OperationCanceledException e) when (!cancellation.IsCancellationRequested)
        {
            throw Broken($"does not answer {key} within {_options.RequestTimeout.TotalSeconds:0.##} s", e);
        }
        catch (SocketException e)
        {
            throw Broken($"breaks the connection on {key}: {e.Message}", e);
        }
        finally
        {
            // Cancelled by the caller too: the answer may still be under way.
            IsUsable &= whole;
        }
    }

    private void Write<TRequest>(ApiKey key, short version, TRequest request)
        where TRequest : class, IWireMessage<TRequest>, new()
    {
        _request.Clear();
        int start = Frames.BeginRequest(_request, key, version, ++_correlationId, _options.ClientId);
        WireBuffer io = _request;
        TRequest.Describe(ref io, request, version);
        Frames.End(_request, start);
    }

    private async Task<byte[]> ReceiveFrameAsync(ApiKey key, CancellationToken cancellation)
    {
        byte[] prefix = new byte[Frames.LengthBytes];
        await ReceiveAllAsync(prefix, key, cancellation);
        int length = BinaryPrimitives.ReadInt32BigEndian(prefix);
        if (length is < sizeof(int) or > AnswerBytesMax)
        {
            throw Broken($"is not a Kafka broker: answers {key} with a frame of {length} bytes");
        }

        // No room is made on the strength of a claimed length alone.
        using MemoryStream frame = new();
        byte[] part = new byte[64 << 10];
        while (frame.Length < length)
        {
            Memory<byte> room = part.AsMemory(0, (int)Math.Min(part.Length, length - frame.Length));
            await ReceiveAllAsync(room, key, cancellation);
            frame.Write(room.Span);
        }

        return frame.ToArray();
    }

    private async Task ReceiveAllAsync(Memory<byte> into, ApiKey key, CancellationToken cancellation)
    {
        for (int done = 0; done < into.Length;)
        {
            int n = await _socket.ReceiveAsync(into[done..], cancellation);
            if (n == 0)
            {
                throw Broken($"closes the connection in answer to {key}");
            }

            done += n;
        }
    }

    private TResponse Read<TResponse>(byte[] frame, ApiKey key, short version)
        where TResponse : class, IWireMessage<TResponse>, new()
    {
        try
        {
            WireReader reader = new(frame);
            int correlationId = Frames.ReadResponseHeader(ref reader, key, version);
            if (correlationId != _correlationId)
            {
                throw new WireFormatException($"correlation id {correlationId} where {_correlationId} was sent");
            }

            TResponse response = new();
            TResponse.Describe(ref reader, response, version);
            return reader.Remaining == 0 ? response : throw new WireFormatException($"{reader.Remaining} bytes too many");
        }
        catch (WireFormatException e)
        {
            throw Broken($"answers {key} version {version} unreadably: {e.Message}", e);
        }
    }

    private TargetException Broken(string what, Exception? inner = null, ErrorCode? error = null)
    {
        IsUsable = false;
        return new TargetException($"broker {_address} {what}", inner) { Error = error };
    }
}
