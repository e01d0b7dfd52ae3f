using System.Collections.Concurrent;
using System.Diagnostics;
using System.Net;
using System.Net.Sockets;

namespace Engine.Server.Tests;

/// <summary>
/// Apache Kafka from <c>KAFKA_HOME</c> as one broker on free ports of loopback, in a folder of its own: what it answers is what the engine has to
/// answer. Started by the first test that asks for it; without <c>KAFKA_HOME</c> those tests are skipped.
/// </summary>
public sealed class KafkaBroker : IBroker, IDisposable
{
    /// <summary>As <c>kafka-storage.sh random-uuid</c> makes one: it costs the start of a virtual machine.</summary>
    private const string ClusterId = "5L6g3nShT-eMCtK--X86sw";

    private static readonly TimeSpan StartTimeout = TimeSpan.FromMinutes(2);

    private readonly TemporaryDirectory _folder = new();
    private readonly Lazy<Process> _process;
    private int _port;
    private int _topics;

    public KafkaBroker() => _process = new Lazy<Process>(Start);

    public IPEndPoint EndPoint
    {
        get
        {
            Assert.SkipWhen(Home is null, "KAFKA_HOME is not set");
            _ = _process.Value;
            return new IPEndPoint(IPAddress.Loopback, _port);
        }
    }

    private static string? Home => Environment.GetEnvironmentVariable("KAFKA_HOME") is { Length: > 0 } home ? home : null;

    public string UnusedName() => $"topic-{Interlocked.Increment(ref _topics)}";

    /// <summary>Where its files of a partition are.</summary>
    internal string FolderOf(string topic, int partition) => Path.Combine(_folder.Path, "data", $"{topic}-{partition}");

    /// <summary>A clean stop: its files can be copied then.</summary>
    internal void Stop()
    {
        Linux.Processes.Send(_process.Value.Id, Linux.Signal.Terminate);
        Assert.True(_process.Value.WaitForExit(StartTimeout), "Kafka does not stop");
    }

    public void Dispose()
    {
        if (_process.IsValueCreated)
        {
            End(_process.Value);
        }

        _folder.Dispose();
    }

    private static void End(Process broker)
    {
        broker.Kill(entireProcessTree: true);
        broker.WaitForExit();
        broker.Dispose();
    }

    private static (int First, int Second) FreePorts()
    {
        using Socket first = Bound();
        using Socket second = Bound();
        return (PortOf(first), PortOf(second));

        static int PortOf(Socket socket) => ((IPEndPoint)socket.LocalEndPoint!).Port;

        static Socket Bound()
        {
            Socket socket = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
            socket.Bind(new IPEndPoint(IPAddress.Loopback, 0));
            return socket;
        }
    }

    private Process Start()
    {
        const int Attempts = 3;
        for (int attempt = 1; ; attempt++)
        {
            ConcurrentQueue<string> said = [];
            Process broker = StartOnFreePorts(said);
            if (SpinWait.SpinUntil(() => broker.HasExited || Answers(), StartTimeout) && !broker.HasExited)
            {
                return broker;
            }

            End(broker);

            // Between their choice and the start anybody may have taken a port.
            Assert.True(
                attempt < Attempts && said.Any(line => line.Contains("Address already in use", StringComparison.Ordinal)),
                $"Kafka does not start: {string.Join('\n', said)}");
        }
    }

    private Process StartOnFreePorts(ConcurrentQueue<string> said)
    {
        (_port, int controller) = FreePorts();
        string properties = Path.Combine(_folder.Path, "server.properties");
        File.WriteAllText(
            properties,
            $"""
            process.roles=broker,controller
            node.id=1
            controller.quorum.bootstrap.servers=127.0.0.1:{controller}
            listeners=PLAINTEXT://127.0.0.1:{_port},CONTROLLER://127.0.0.1:{controller}
            advertised.listeners=PLAINTEXT://127.0.0.1:{_port}
            controller.listener.names=CONTROLLER
            listener.security.protocol.map=CONTROLLER:PLAINTEXT,PLAINTEXT:PLAINTEXT
            log.dirs={_folder.Path}/data
            offsets.topic.replication.factor=1
            offsets.topic.num.partitions=1
            auto.create.topics.enable=false
            """);
        using (Process format = Run("kafka-storage.sh", "format", "-t", ClusterId, "-c", properties, "--standalone", "--ignore-formatted"))
        {
            format.BeginErrorReadLine();
            string formatted = format.StandardOutput.ReadToEnd();
            format.WaitForExit();
            Assert.True(format.ExitCode == 0, formatted);
        }

        Process broker = Run("kafka-server-start.sh", properties);
        broker.OutputDataReceived += (_, line) => said.Enqueue(line.Data ?? "");
        broker.BeginOutputReadLine();
        broker.BeginErrorReadLine();
        return broker;
    }

    private Process Run(string script, params string[] arguments)
    {
        ProcessStartInfo start = new(Path.Combine(Home!, "bin", script), arguments)
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        start.Environment["KAFKA_HEAP_OPTS"] = "-Xmx512m";
        start.Environment["KAFKA_JVM_PERFORMANCE_OPTS"] = "-XX:+UseSerialGC -XX:TieredStopAtLevel=1 -Xshare:auto";
        start.Environment["LOG_DIR"] = Path.Combine(_folder.Path, "logs");
        return Process.Start(start)!;
    }

    private bool Answers()
    {
        try
        {
            using TestClient client = new(new IPEndPoint(IPAddress.Loopback, _port));
            return client.Ask<Wire.MetadataRequest, Wire.MetadataResponse>(Wire.ApiKey.Metadata, 7, new Wire.MetadataRequest()).Brokers.Count == 1;
        }
        catch (Exception notYet) when (notYet is SocketException or IOException)
        {
            Thread.Sleep(100);
            return false;
        }
    }
}
