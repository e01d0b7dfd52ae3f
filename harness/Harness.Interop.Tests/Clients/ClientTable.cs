using System.Runtime.InteropServices;
using Harness.Interop.Contract;

namespace Harness.Interop.Tests.Clients;

/// <summary>The clients, how each is started, what each needs, and what each cannot say.</summary>
internal static class ClientTable
{
    public const string Kcat = "kcat";
    public const string Confluent = "Confluent.Kafka";
    public const string KafkaPython = "kafka-python";
    public const string KafkaJs = "kafkajs";
    public const string Java = "java";

    private const string Python = "/usr/bin/python3";

    public static IReadOnlyList<string> Names { get; } = [Kcat, Confluent, KafkaPython, KafkaJs, Java];

    private static string Drivers { get; } = Path.Combine(AppContext.BaseDirectory, "Drivers");

    /// <summary>Installed beside the outputs: nothing of it belongs to the sources.</summary>
    private static string NodeModules { get; } =
        Path.GetFullPath(Path.Combine(AppContext.BaseDirectory, "..", "..", "..", "interop", "kafkajs", "node_modules"));

    private static string? KafkaHome { get; } = Environment.GetEnvironmentVariable("KAFKA_HOME") is { Length: > 0 } home ? home : null;

    /// <summary>Kafka's own client and the driver's classes, which the first to ask compiles.</summary>
    private static Lazy<string> JavaClassPath { get; } = new(() =>
    {
        string libraries = Path.Combine(KafkaHome!, "libs", "*");
        return $"{libraries}:{JavaDriver.Compile(Path.Combine(Drivers, "java", "Driver.java"), libraries)}";
    });

    public static IClient Create(string name) => name switch
    {
        Kcat => new KcatClient(),
        Confluent => CreateConfluent(),
        // It insists on values for headers, and on a value where there is no key.
        KafkaPython => new DriverClient(KafkaPython, PythonProgram(), record =>
            HasHeaderValues(record) && (record.Key is not null || record.Value is not null)),
        KafkaJs => new DriverClient(KafkaJs, NodeProgram(), HasHeaderValues),
        Java => new DriverClient(Java, JavaProgram(), Everything),
        _ => throw new ArgumentOutOfRangeException(nameof(name), name, null),
    };

    public static DriverClient CreateConfluent() => new(Confluent, ConfluentProgram(), Everything);

    private static bool Everything(DriverRecord record) => true;

    private static bool HasHeaderValues(DriverRecord record) => record.Headers.All(header => header.Value is not null);

    private static DriverProgram ConfluentProgram() => new()
    {
        Program = Path.Combine(AppContext.BaseDirectory, "confluent-driver"),
        Arguments = [],
        Missing = () => NativeLibrary.TryLoad("librdkafka.so.1", out _) ? null : "librdkafka is not installed: apt-get install librdkafka1",
    };

    private static DriverProgram PythonProgram() => new()
    {
        Program = Python,
        Arguments = [Path.Combine(Drivers, "kafka-python", "driver.py")],
        Missing = () => Installed.Succeeds(Python, "-c", "import kafka, snappy, lz4.frame, zstandard")
            ? null
            : "kafka-python is not installed: apt-get install python3-kafka python3-snappy python3-lz4 python3-zstandard",
    };

    private static DriverProgram NodeProgram() => new()
    {
        Program = "node",
        Arguments = [Path.Combine(Drivers, "kafkajs", "driver.js")],
        Environment = new Dictionary<string, string> { ["NODE_PATH"] = NodeModules, ["KAFKAJS_NO_PARTITIONER_WARNING"] = "1" },
        Missing = () => !Installed.Program("node") ? "Node.js is not installed: apt-get install nodejs npm"
            : Directory.Exists(NodeModules) ? null
            : "kafkajs is not installed: harness/Harness.Interop/install-kafkajs.sh",
    };

    private static DriverProgram JavaProgram()
    {
        string? missing = KafkaHome is null ? "KAFKA_HOME is not set: unpack Apache Kafka 4 (https://kafka.apache.org/downloads) and set it to that folder"
            : Installed.Program("javac") ? null
            : "a Java compiler is not installed: apt-get install openjdk-17-jdk-headless";
        return new DriverProgram
        {
            Program = "java",
            Arguments = missing is null ? ["-Xmx512m", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1", "-cp", JavaClassPath.Value, JavaDriver.MainClass] : [],
            Missing = () => missing,
        };
    }
}
