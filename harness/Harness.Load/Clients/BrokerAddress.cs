using System.Net;
using System.Net.Sockets;
using Engine.Linux;

namespace Harness.Load;

/// <summary>A broker's host:port, and how to get a connection to it.</summary>
internal sealed class BrokerAddress
{
    private const int ConnectTimeoutMs = 10_000;

    private readonly string _host;
    private readonly int _port;

    /// <param name="hostAndPort"><c>127.0.0.1:9092</c>, <c>broker:9092</c> or <c>[::1]:9092</c>.</param>
    public BrokerAddress(string hostAndPort)
    {
        int colon = hostAndPort.LastIndexOf(':');
        if (colon <= 0 || !int.TryParse(hostAndPort.AsSpan(colon + 1), out _port) || _port is < 1 or > ushort.MaxValue)
        {
            throw new ArgumentException($"'{hostAndPort}' is not a broker's address: HOST:PORT is", nameof(hostAndPort));
        }

        _host = hostAndPort[..colon].Trim('[', ']');
        Text = hostAndPort;
    }

    public string Text { get; }

    /// <summary>Connects. Cancellation and the time limit leave a connect that still hangs in the kernel to end by itself.</summary>
    public FileDescriptor Connect(CancellationToken cancellation)
    {
        Task<FileDescriptor> connecting = Task.Run(() => Sockets.Connect(Resolve()), CancellationToken.None);
        try
        {
            if (connecting.Wait(ConnectTimeoutMs, cancellation))
            {
                return connecting.Result;
            }
        }
        catch (AggregateException failed) when (failed.InnerException is LinuxException or SocketException)
        {
            throw new BrokerException(Text, "connect", failed.InnerException.Message, inner: failed.InnerException);
        }
        catch (OperationCanceledException)
        {
            CloseWhenConnected(connecting);
            throw;
        }

        CloseWhenConnected(connecting);
        throw new BrokerException(Text, "connect", $"no answer within {ConnectTimeoutMs / 1000} s");
    }

    private static void CloseWhenConnected(Task<FileDescriptor> connecting) =>
        connecting.ContinueWith(
            static late => late.Result.Dispose(),
            CancellationToken.None,
            TaskContinuationOptions.OnlyOnRanToCompletion | TaskContinuationOptions.ExecuteSynchronously,
            TaskScheduler.Default);

    private IPEndPoint Resolve()
    {
        IPAddress address = IPAddress.TryParse(_host, out IPAddress? literal) ? literal : Dns.GetHostAddresses(_host)[0];
        return new IPEndPoint(address, _port);
    }
}
