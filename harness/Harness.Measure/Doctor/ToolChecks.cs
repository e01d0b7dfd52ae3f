namespace Harness.Measure.Doctor;

/// <summary>Programs that targets and tests want. The measurement itself needs none of them.</summary>
internal static class ToolChecks
{
    internal static IEnumerable<Finding> All(Patient patient) =>
        [Java(patient), Kafka(patient), Program(patient, "kcat", "tests with this client are skipped", "sudo apt-get install kcat")];

    private static Finding Java(Patient patient) =>
        Program(patient, "java", "the target kafka cannot be started", "sudo apt-get install default-jre-headless");

    private static Finding Program(Patient patient, string name, string effect, string command)
    {
        string? folder = (patient.SearchPath ?? "").Split(':', StringSplitOptions.RemoveEmptyEntries)
            .FirstOrDefault(folder => File.Exists(Path.Combine(folder, name)));
        return folder is not null
            ? Finding.Fine($"tools.{name}", Path.Combine(folder, name))
            : new Finding($"tools.{name}", Severity.Info, $"no {name} on PATH", effect, command);
    }

    private static Finding Kafka(Patient patient)
    {
        const string Effect = "the target kafka cannot be started: no comparison with Apache Kafka";
        const string Command = "export KAFKA_HOME=FOLDER_OF_AN_UNPACKED_APACHE_KAFKA";
        return string.IsNullOrEmpty(patient.KafkaHome)
            ? new Finding("tools.kafka", Severity.Info, "KAFKA_HOME is not set", Effect, Command)
            : File.Exists(Path.Combine(patient.KafkaHome, "bin", "kafka-run-class.sh"))
            ? Finding.Fine("tools.kafka", "KAFKA_HOME holds an Apache Kafka")
            : new Finding("tools.kafka", Severity.Info, "KAFKA_HOME holds no Apache Kafka (bin/kafka-run-class.sh is missing)", Effect, Command);
    }
}
