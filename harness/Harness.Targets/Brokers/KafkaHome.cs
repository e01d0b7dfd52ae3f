using System.Globalization;
using System.Text.RegularExpressions;

namespace Harness.Targets;

/// <summary>An Apache Kafka as unpacked from its archive, found fit to be started: 4.0 or later, with a Java that can run it.</summary>
internal sealed partial class KafkaHome
{
    public const string Variable = "KAFKA_HOME";

    private const int OldestKafka = 4;

    /// <summary>Brokers of Kafka 4 need this.</summary>
    private const int OldestJava = 17;

    private static readonly TimeSpan JavaTimeout = TimeSpan.FromSeconds(20);

    private readonly string _folder;

    private KafkaHome(string folder, string version)
    {
        _folder = folder;
        Version = version;
    }

    /// <summary>As in the names of its libraries: <c>4.3.0</c>.</summary>
    public string Version { get; }

    public string Script(string name) => Path.Combine(_folder, "bin", name);

    /// <param name="folder">The value of <see cref="Variable"/>; null when it is not set.</param>
    /// <exception cref="TargetException">What is missing, in one line.</exception>
    public static async Task<KafkaHome> OpenAsync(string? folder, CancellationToken cancellation)
    {
        if (string.IsNullOrEmpty(folder))
        {
            throw new TargetException(
                $"{Variable} is not set: unpack Apache Kafka {OldestKafka} or later (https://kafka.apache.org/downloads) and set it to that folder");
        }

        if (!Directory.Exists(folder))
        {
            throw new TargetException($"{Variable} is {folder}, and there is no such folder");
        }

        string libraries = Path.Combine(folder, "libs");
        string? version = !Directory.Exists(libraries)
            ? null
            : Directory.EnumerateFiles(libraries, "kafka-clients-*.jar").Select(file => Library().Match(Path.GetFileName(file)))
                .FirstOrDefault(match => match.Success)?.Groups[1].Value;
        if (version is null || !File.Exists(Path.Combine(folder, "bin", "kafka-server-start.sh")))
        {
            throw new TargetException($"{Variable} is {folder}, which is no Apache Kafka: bin/kafka-server-start.sh or libs/kafka-clients-VERSION.jar is missing");
        }

        if (int.Parse(version[..version.IndexOf('.', StringComparison.Ordinal)], CultureInfo.InvariantCulture) < OldestKafka)
        {
            throw new TargetException($"{Variable} is Apache Kafka {version}; {OldestKafka}.0 or later is needed");
        }

        await CheckJavaAsync(cancellation);
        return new KafkaHome(folder, version);
    }

    /// <summary>The Java that Kafka's own scripts will take.</summary>
    private static async Task CheckJavaAsync(CancellationToken cancellation)
    {
        string? home = System.Environment.GetEnvironmentVariable("JAVA_HOME");
        string java = string.IsNullOrEmpty(home) ? "java" : Path.Combine(home, "bin", "java");
        string said;
        try
        {
            said = await ProgramRun.RunAsync(java, ["-version"], JavaTimeout, cancellation);
        }
        catch (TargetException missing) when (missing.InnerException is System.ComponentModel.Win32Exception)
        {
            throw new TargetException($"Apache Kafka needs Java {OldestJava} or later, and '{java}' is not there (Debian: apt-get install openjdk-17-jre-headless)");
        }

        Match match = JavaVersion().Match(said);
        int version = match.Success ? int.Parse(match.Groups[1].Value, CultureInfo.InvariantCulture) : 0;
        if (version < OldestJava)
        {
            string found = match.Success ? $"'{java}' is Java {version}" : $"'{java} -version' does not tell a version";
            throw new TargetException($"Apache Kafka needs Java {OldestJava} or later, and {found}");
        }
    }

    [GeneratedRegex(@"^kafka-clients-(\d+\.\d+\.\d+.*)\.jar$")]
    private static partial Regex Library();

    [GeneratedRegex(@"version ""(\d+)")]
    private static partial Regex JavaVersion();
}
