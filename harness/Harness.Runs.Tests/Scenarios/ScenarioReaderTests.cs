using Harness.Runs.Scenarios;
using Results;

namespace Harness.Runs.Tests.Scenarios;

public sealed class ScenarioReaderTests
{
    [Fact]
    public void A_minimal_scenario_gets_every_default()
    {
        ScenarioInfo scenario = Yaml.Read(Yaml.Minimal);

        Assert.Equal("least", scenario.Name);
        Assert.Null(scenario.Title);
        Assert.Null(scenario.Claim);
        Assert.Null(scenario.File);
        Assert.Equal(["engine"], scenario.Targets);
        Assert.Equal(42, scenario.Seed);
        Assert.Equal(1, scenario.Topic.Partitions);
        Assert.Equal(1, scenario.Topic.Replication);
        Assert.Equal(["retention.bytes=2147483648", "segment.bytes=268435456"], scenario.Topic.Config.Select(pair => $"{pair.Key}={pair.Value}"));
        Assert.Equal(new MessageInfo(30, "none", "random"), scenario.Message);
        Assert.Equal(new ProducersInfo(1, "native", 512 * 1024, 0.005, "leader", 5, "none"), scenario.Producers);
        Assert.Equal(new ConsumersInfo(1, 1, "native", "tail", 32 << 20), scenario.Consumers);
        Assert.Equal([new LoadPhaseInfo("saturate", 10, null)], scenario.Load);
        Assert.Equal(5, scenario.WarmupSeconds);
        Assert.Equal(5, scenario.Repeat);
        Assert.Equal(new VerifyInfo(true, true, true, true), scenario.Verify);
        Assert.Empty(scenario.Expect);
    }

    [Fact]
    public void Every_key_that_is_given_is_taken()
    {
        ScenarioInfo scenario = Yaml.Read("""
            name: all.of_it-1
            title: Everything at once
            targets: [engine]
            seed: 7
            topic:
              partitions: 3
              config: {retention.bytes: 64MiB, segment.bytes: 16MiB, index.interval.bytes: 8KiB, max.message.bytes: 2MiB}
            message: {size: 1KB, key: none, payload: random}
            producers: {count: 2, client: native, batch: 64KiB, linger: 0s, acks: all, inFlight: 1, compression: none}
            consumers: {count: 3, groups: 2, client: native, mode: tail}
            load: [saturate: {during: 1.5m}]
            warmup: 500ms
            repeat: 1
            verify: {loss: true, duplicates: false, order: false, checksum: true}
            expect: [consume.rate >= 1/s, "e2e.p99 < 10ms"]
            """);

        Assert.Equal("all.of_it-1", scenario.Name);
        Assert.Equal("Everything at once", scenario.Title);
        Assert.Equal(7, scenario.Seed);
        Assert.Equal(3, scenario.Topic.Partitions);
        Assert.Equal(
            ["index.interval.bytes=8192", "max.message.bytes=2097152", "retention.bytes=67108864", "segment.bytes=16777216"],
            scenario.Topic.Config.Select(pair => $"{pair.Key}={pair.Value}"));
        Assert.Equal(1000, scenario.Message.SizeBytes);
        Assert.Equal(new ProducersInfo(2, "native", 64 * 1024, 0, "all", 1, "none"), scenario.Producers);
        Assert.Equal(new ConsumersInfo(3, 2, "native", "tail", 32 << 20), scenario.Consumers);
        Assert.Equal([new LoadPhaseInfo("saturate", 90, null)], scenario.Load);
        Assert.Equal(0.5, scenario.WarmupSeconds);
        Assert.Equal(1, scenario.Repeat);
        Assert.Equal(new VerifyInfo(true, false, false, true), scenario.Verify);
        Assert.Equal(["consume.rate >= 1/s", "e2e.p99 < 10ms"], scenario.Expect);
    }

    [Theory]
    [InlineData("nmae: x", "1:1: unknown key 'nmae' (did you mean 'name'?)")]
    [InlineData("name: x\ntopic: {partitons: 2}", "2:9: unknown key 'partitons' in 'topic' (did you mean 'partitions'?)")]
    [InlineData("topic: {config: {retention.byte: 2GiB}}", "1:18: unknown key 'retention.byte' in 'topic.config' (did you mean 'retention.bytes'?)")]
    [InlineData("verify: {speed: true}", "1:10: unknown key 'speed' in 'verify'; allowed: loss, duplicates, order, checksum")]
    [InlineData("load: [{saturat: {during: 5s}}]", "1:9: unknown key 'saturat' in 'load' (did you mean 'saturate'?)")]
    [InlineData("load: [{saturate: {for: 5s}}]", "1:20: unknown key 'for' in 'load.saturate'; allowed: during")]
    [InlineData("[a, b]: 1", "1:1: a key must be a word")]
    public void An_unknown_key_is_reported_where_it_stands_with_the_nearest_known_one(string yaml, string expected) =>
        Assert.Contains($"{Yaml.File}:{expected}", Yaml.Problems(yaml).Select(problem => problem.ToString()));

    [Theory]
    [InlineData("faults: []", "faults")]
    [InlineData("message: {size: 30B, compressibility: 2}", "message.compressibility")]
    [InlineData("topic: {config: {cleanup.policy: compact}}", "topic.config.cleanup.policy")]
    [InlineData("load: [{inject_random: {rate: 200k/s, during: 10s}}]", "load.inject_random")]
    [InlineData("load: [{search: {}}]", "load.search")]
    public void What_this_version_does_not_do_is_refused_by_name(string yaml, string key) =>
        Assert.Contains(Yaml.Problems(yaml), p =>
            p.Text.StartsWith(key + ":", StringComparison.Ordinal) && p.Text.Contains("not supported in this version", StringComparison.Ordinal));

    [Fact]
    public void Several_problems_are_all_reported_in_the_order_of_the_file()
    {
        ScenarioException e = Assert.Throws<ScenarioException>(() => Yaml.Read("""
            name: x
            topic: {partitions: 0, colour: red}
            message: {size: 30}
            producers: {linger: 5, acks: most}
            load: [{saturate: {during: 10s}}]
            warmup: 5s
            """));

        Assert.Equal([(2, 21), (2, 24), (3, 17), (4, 21), (4, 30)], e.Problems.Select(p => ((int)p.Line, (int)p.Column)));
        Assert.Equal(5, e.Message.Split('\n').Length);
    }

    [Theory]
    [InlineData("message: {size: 30B}\nload: [{saturate: {during: 5s}}]", "1:1: name is missing; allowed: small letters")]
    [InlineData("name: x\nload: [{saturate: {during: 5s}}]", "1:1: message is missing; it needs message.size: a size from 1B to 8MiB")]
    [InlineData("name: x\nmessage: {key: none}\nload: [{saturate: {during: 5s}}]", "2:1: message.size is missing; allowed: a size from 1B to 8MiB")]
    [InlineData("name: x\nmessage: {size: 30B}", "1:1: load is missing; it needs a list of shapes")]
    [InlineData("name: x\nmessage: {size: 30B}\nload: []", "3:7: load: empty where a list of shapes is needed")]
    [InlineData("name: x\nmessage: {size: 30B}\nload: 5", "3:7: load: '5' where a list of shapes is needed")]
    [InlineData("name: x\nmessage: {size: 30B}\nload: [saturate]", "3:8: load: 'saturate' where one shape is needed; allowed: saturate")]
    [InlineData("name: x\nmessage: {size: 30B}\nload: [{saturate: {}}]", "3:9: load.saturate.during is missing; allowed: a duration from 1s to 1h")]
    [InlineData("name: x\nmessage: {size: 30B}\nload: [{saturate: 30s}]", "3:19: load.saturate: '30s' where a mapping is needed; allowed keys: during")]
    [InlineData("name: x\nmessage: 30B\nload: [{saturate: {during: 5s}}]", "2:10: message: '30B' where a mapping is needed; allowed keys: size, key, payload")]
    public void What_is_required_and_missing_is_reported_once(string yaml, string expected) =>
        Assert.StartsWith($"{Yaml.File}:{expected}", Assert.Single(Yaml.Problems(yaml)).ToString(), StringComparison.Ordinal);

    [Theory]
    [InlineData("name: x\nname: y", 2, 1, "Duplicate key")]
    [InlineData("name: x\nmessage: {size: 30B, size: 31B}", 2, 22, "Duplicate key")]
    [InlineData("name: [x", 1, 0, "")]
    [InlineData("name: x\n\tmessage: 5", 1, 0, "tab")]
    [InlineData("name: 'x\nmessage:", 1, 0, "")]
    [InlineData("name: *nobody", 1, 7, "nobody")]
    [InlineData("", 1, 1, "the file is empty")]
    [InlineData("# only a comment", 1, 1, "the file is empty")]
    [InlineData("- name", 1, 1, "a scenario is a mapping")]
    [InlineData("just words", 1, 1, "a scenario is a mapping")]
    [InlineData("name: x\n---\nname: y", 3, 1, "a second document")]
    public void What_is_no_YAML_document_is_reported_with_its_position(string yaml, int line, int column, string words)
    {
        ScenarioProblem problem = Assert.Single(Yaml.Problems(yaml));
        Assert.True(problem.Line >= line, problem.ToString());
        Assert.True(column == 0 || problem.Column == column, problem.ToString());
        Assert.Contains(words, problem.Text, StringComparison.OrdinalIgnoreCase);
        Assert.DoesNotContain('\n', problem.ToString());
    }

    [Fact]
    public void A_file_nested_to_exhaust_the_stack_is_refused()
    {
        ScenarioProblem problem = Assert.Single(Yaml.Problems("name: " + new string('[', 200_000)));
        Assert.Contains("nested deeper", problem.Text, StringComparison.Ordinal);
    }

    [Fact]
    public void A_file_that_cannot_be_read_is_one_line_with_its_name()
    {
        ScenarioException e = Assert.Throws<ScenarioException>(() => PlanReader.Read(new ScenarioFile("/nowhere/x.yaml", "x.yaml", null)));
        Assert.StartsWith("x.yaml: cannot be read: ", e.Message, StringComparison.Ordinal);
    }
}
