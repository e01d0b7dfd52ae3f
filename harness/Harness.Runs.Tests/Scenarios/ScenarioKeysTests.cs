using Harness.Runs.Scenarios;
using Harness.Runs.Scenarios.Keys;

namespace Harness.Runs.Tests.Scenarios;

/// <summary>Statements that hold for every row of the key table, so that a new row is tested by being there.</summary>
public sealed class ScenarioKeysTests
{
    /// <summary>
    /// For each key, values that must be refused. A mapping, a list and nothing are refused for every key besides.
    /// A key that is missing here fails <see cref="Every_key_has_bad_values_to_be_tested_with"/>.
    /// </summary>
    private static readonly Dictionary<string, string[]> BadValues = new()
    {
        ["name"] = ["Upper", "a b", "-x", "a/b", "\"\"", new string('n', 61)],
        ["title"] = [new string('t', 201), "\"two\\nlines\""],
        ["claim"] = ["C7", "C9", "1"],
        ["targets"] = ["[kafka://h]", "[kafka://h:1+a=b]", "[docker://x]", "[engin]", "[engine@]", "[engine+x]", "[engine+log.segment.bytes=5ms]", "[kafka+a=1+a=2]", "[{target: engin}]", "[{targt: engine}]", "[{target: engine, config: 5}]", "[engine, 5]", "engine"],
        ["seed"] = ["-1", "x", "1.5", "99999999999999999999"],
        ["topic.partitions"] = ["0", "1001", "one", "1.0"],
        ["topic.replication"] = ["0", "17", "x"],
        ["topic.prefill"] = ["1", "1s", "1KiB", "2048GiB"],
        ["topic.config.retention.bytes"] = ["2", "2s", "-1", "1KiB", "99999GiB"],
        ["topic.config.segment.bytes"] = ["256", "256ms", "1KiB", "2GiB"],
        ["topic.config.index.interval.bytes"] = ["4096", "0B", "3GiB"],
        ["topic.config.max.message.bytes"] = ["1048588", "1B", "65MiB"],
        ["message.size"] = ["30", "30s", "0B", "9MiB", "thirty", "0.5B"],
        ["message.key"] = ["sequence", "none2"],
        ["message.payload"] = ["text", "file", "randm"],
        ["producers.count"] = ["0", "65", "1B"],
        ["producers.client"] = ["confluent", "java"],
        ["producers.connections"] = ["0", "4097", "1B"],
        ["producers.batch"] = ["524288", "512KB/s", "1B", "17MiB"],
        ["producers.batchRecords"] = ["0", "1.5", "30 records", "2000000"],
        ["producers.linger"] = ["5", "5B", "11s"],
        ["producers.acks"] = ["1", "-1", "quorum", "ALL"],
        ["producers.inFlight"] = ["0", "101", "5ms"],
        ["producers.compression"] = ["gz", "brotli"],
        ["consumers.count"] = ["0", "65", "x"],
        ["consumers.groups"] = ["0", "17", "x"],
        ["consumers.client"] = ["confluent", "x"],
        ["consumers.backlog"] = ["32", "32s", "1KiB", "2048GiB"],
        ["consumers.fetch"] = ["4096", "100B", "65MiB", "1s"],
        ["consumers.mode"] = ["catchup", "tial"],
        ["load.saturate.during"] = ["30", "30B", "0s", "2h"],
        ["load.keep_constant.copies"] = ["0", "1.5", "5/s", "2000000"],
        ["load.keep_constant.during"] = ["30", "0s", "2h"],
        ["load.inject.rate"] = ["200", "200B/s", "0/s", "2G/s", "200ms"],
        ["load.inject.during"] = ["30", "0s", "2h"],
        ["load.ramping_inject.rate"] = ["200", "0/s", "2G/s"],
        ["load.ramping_inject.during"] = ["30", "0s", "2h"],
        ["load.pause.during"] = ["30", "10ms", "2h"],
        ["ceilings"] = ["always", "each", "true"],
        ["warmup"] = ["5", "5B", "11m"],
        ["firstWarmup"] = ["60", "5B", "11m"],
        ["repeat"] = ["0", "1001", "5s"],
        ["starts"] = ["0", "21", "1s"],
        ["verify.loss"] = ["yes", "1", "TRUE"],
        ["verify.duplicates"] = ["no", "on"],
        ["verify.order"] = ["y", "x"],
        ["verify.checksum"] = ["off", "crc"],
        ["expect"] = ["[consume.rate >= 20]", "[consume.rate]", "[consume.rte >= 1/s]", "[5]", "[share.bare >= 65]", "[produce.rate >= 4x]", "consume.rate >= 20M/s", "{engine: consume.rate >= 1/s}", "{engine: [consume.rte >= 1/s]}"],
        ["allow"] = ["[durabilty]", "[5]", "durability"],
    };

    public static TheoryData<string> Paths() => [.. ScenarioKeys.All.Select(key => key.Path)];

    [Fact]
    public void Every_key_has_bad_values_to_be_tested_with() =>
        Assert.Equal(ScenarioKeys.All.Select(key => key.Path).Order(StringComparer.Ordinal), BadValues.Keys.Order(StringComparer.Ordinal));

    [Theory]
    [MemberData(nameof(Paths))]
    public void A_bad_value_is_reported_where_it_stands_with_its_key_and_what_is_allowed(string path)
    {
        ScenarioKey key = Yaml.Key(path);
        string list = key.IsList ? "[[a]]" : "[a]";
        foreach (string value in BadValues[path].Concat(["{a: b}", list, "", "~"]))
        {
            string yaml = Yaml.With((path, value));
            ScenarioProblem problem = Assert.Single(Yaml.Problems(yaml));
            (long line, long column) = Yaml.ValueOf(yaml, path);
            Assert.True(problem.Line == line, $"{problem} is not on line {line} of\n{yaml}");
            Assert.True(problem.Column >= column - 1, $"{problem} is not at column {column} of\n{yaml}");
            Assert.StartsWith($"{Yaml.File}:{problem.Line}:{problem.Column}: {path}: ", problem.ToString(), StringComparison.Ordinal);
            bool saysWhatIsAllowed = problem.Text.Contains(key.Allowed, StringComparison.Ordinal);
            Assert.True(saysWhatIsAllowed || problem.Text.Contains("not supported in this version", StringComparison.Ordinal), problem.ToString());
            Assert.DoesNotContain('\n', problem.Text);
        }
    }

    [Theory]
    [MemberData(nameof(Paths))]
    public void A_default_can_be_read_by_its_own_rule(string path)
    {
        ScenarioKey key = Yaml.Key(path);
        Assert.Equal(key.Presence == Presence.Defaulted, key.Default is not null);
        if (key.Default is { } text)
        {
            Assert.Null(key.Apply(new ScenarioDraft(), text));
        }
    }

    [Theory]
    [MemberData(nameof(Paths))]
    public void A_key_says_what_it_is_and_lies_in_a_known_section(string path)
    {
        ScenarioKey key = Yaml.Key(path);
        Assert.EndsWith(".", key.Description, StringComparison.Ordinal);
        Assert.NotEmpty(key.Allowed);
        string section = ScenarioKeys.Sections.Where(s => path.StartsWith(s + ".", StringComparison.Ordinal)).DefaultIfEmpty("").MaxBy(s => s.Length)!;
        Assert.Contains(path[(section.Length == 0 ? 0 : section.Length + 1)..], ScenarioKeys.NamesIn(section));
    }

    [Fact]
    public void A_key_is_either_known_or_planned() =>
        Assert.Empty(ScenarioKeys.Planned.Intersect(ScenarioKeys.ByPath.Keys.Concat(ScenarioKeys.Sections)));
}
