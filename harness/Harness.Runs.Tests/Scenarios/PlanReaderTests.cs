using Harness.Runs.Planning;
using Harness.Runs.Scenarios;
using Results;

namespace Harness.Runs.Tests.Scenarios;

public sealed class PlanReaderTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("plan-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public void One_target_and_nothing_to_compare_is_one_variant_whose_trials_are_blocks()
    {
        RunPlan plan = PlanReader.Parse(Yaml.With(("repeat", "3")), Yaml.File);
        VariantInfo only = Assert.Single(plan.Variants);
        Assert.Equal(("engine", "engine", "engine"), (only.Name, only.Label, only.Target));
        Assert.Equal([(0, 0), (1, 1), (2, 2)], plan.Trials().Select(trial => (trial.Index, trial.Block)));
    }

    [Fact]
    public void Two_variants_are_interleaved_A_B_B_A_and_three_A_B_C_C_B_A()
    {
        RunPlan two = PlanReader.Parse(Compare("a: {}", "b: {seed: 7}"), Yaml.File, new PlanRequest { Repeat = 2 });
        Assert.Equal("abbaabba", string.Concat(two.Trials().Select(trial => trial.Variant.Name)));
        Assert.Equal([0, 0, 0, 0, 1, 1, 1, 1], two.Trials().Select(trial => trial.Block));
        RunPlan three = PlanReader.Parse(Compare("a: {}", "b: {seed: 7}", "c: {seed: 8}"), Yaml.File, new PlanRequest { Repeat = 1 });
        Assert.Equal("abccba", string.Concat(three.Trials().Select(trial => trial.Variant.Name)));
    }

    [Fact]
    public void The_first_trial_of_each_target_warms_up_for_longer_where_that_is_asked_for()
    {
        string yaml = Yaml.With(("targets", "[engine, kafka]"), ("warmup", "5s"), ("firstWarmup", "60s"), ("repeat", "2"));
        RunPlan plan = PlanReader.Parse(yaml, Yaml.File);
        Assert.Equal([60, 60, 5, 5, 5, 5, 5, 5], plan.Trials().Select(trial => trial.Scenario.WarmupSeconds));
        Assert.All(plan.Variants, variant => Assert.Equal(5, variant.Scenario.WarmupSeconds));
        double without = PlanCost.Of(PlanReader.Parse(Yaml.With(("targets", "[engine, kafka]"), ("warmup", "5s"), ("repeat", "2")), Yaml.File)).Seconds;
        Assert.Equal(2 * 55, PlanCost.Of(plan).Seconds - without, 6);
    }

    [Fact]
    public void A_variant_changes_what_it_says_and_nothing_else()
    {
        RunPlan plan = PlanReader.Parse(Compare("small: {producers: {batch: 16KiB}}", "large: {producers: {batch: 1MiB, acks: leader}}"), Yaml.File);
        Assert.Equal([16 * 1024, 1 << 20], plan.Variants.Select(variant => variant.Scenario.Producers.BatchBytes));
        Assert.All(plan.Variants, variant => Assert.Equal(7, variant.Scenario.Producers.InFlight));
    }

    [Fact]
    public void A_matrix_is_crossed_with_what_is_zipped_going_forward_together()
    {
        RunPlan plan = PlanReader.Parse(Yaml.Minimal + """

            matrix:
              message.size: [30B, 100B]
              zip: {producers.batch: [64KiB, 256KiB, 1MiB], producers.linger: [1ms, 2ms, 5ms]}
            """, Yaml.File);
        Assert.Equal(6, plan.Points.Count);
        Assert.Equal(
            ["30 65536 0.001", "30 262144 0.002", "30 1048576 0.005", "100 65536 0.001", "100 262144 0.002", "100 1048576 0.005"],
            plan.Variants.Select(v => FormattableString.Invariant($"{v.Scenario.Message.SizeBytes} {v.Scenario.Producers.BatchBytes} {v.Scenario.Producers.LingerSeconds}")));
        Assert.Equal("engine at message.size=30B, producers.batch=64KiB, producers.linger=1ms", plan.Variants.First().Name);
        Assert.Equal("100B", plan.Points[3].Settings["message.size"]);
    }

    [Fact]
    public void Points_of_a_matrix_set_topic_configuration_and_parts_of_the_load_too()
    {
        RunPlan plan = PlanReader.Parse(Yaml.Minimal + """

            matrix: {topic.config.segment.bytes: [1MiB, 2MiB], load.saturate.during: [5s, 7s]}
            """, Yaml.File);
        Assert.Equal(["1048576", "1048576", "2097152", "2097152"], plan.Variants.Select(v => v.Scenario.Topic.Config["segment.bytes"]));
        Assert.Equal([5, 7, 5, 7], plan.Variants.Select(v => v.Scenario.Load[0].DuringSeconds));
    }

    [Theory]
    [InlineData("matrix: {message.size: [30B, 31]}", 4, "message.size: '31' has no unit")]
    [InlineData("matrix: {message.sizes: [30B]}", 4, "unknown key 'sizes' in 'message'")]
    [InlineData("matrix: {repeat: [1, 2]}", 4, "matrix: 'repeat' holds for the whole run")]
    [InlineData("matrix: {message.size: 30B}", 4, "matrix.message.size: '30B' where a list of values is needed")]
    [InlineData("matrix: []", 4, "matrix: a list where a mapping of paths to lists of values is needed")]
    [InlineData("matrix: {zip: {message.size: [30B], seed: [1, 2]}}", 4, "matrix.zip: lists of 1, 2 values")]
    [InlineData("matrix: {load.inject.rate: [1k/s]}", 4, "load.inject.rate: 'inject' is none of the items there")]
    [InlineData("compare: {a: {}}", 4, "compare: 1 of them where 2 to 16 named variants are needed")]
    [InlineData("compare: [a, b]", 4, "compare: a list where 2 to 16")]
    [InlineData("compare: {a: {repeat: 3}, b: {}}", 4, "compare.a.repeat: holds for the whole run")]
    [InlineData("compare: {a: 5, b: {}}", 4, "compare.a: '5' where the keys are needed")]
    [InlineData("compare: {a: {message: {size: 9MiB}}, b: {}}", 4, "message.size: '9MiB' is out of range")]
    [InlineData("expect: {kafkaa: [consume.rate >= 1/s]}", 4, "expect: 'kafkaa' is none of the targets")]
    [InlineData("expect: [produce.rate >= 4x kafka]", 4, "expect: 'kafka' is none of the targets or variants that take turns with engine; nothing is interleaved with it")]
    [InlineData("targets: [engine, kafka]\nexpect: {engine: [produce.rate >= 4x kafke]}", 5, "expect: 'kafke' is none of the targets or variants that take turns with engine (did you mean 'kafka'?); allowed: kafka")]
    [InlineData("targets: [engine, kafka]\nexpect: [produce.rate >= 4x kafka]", 5, "expect: 'produce.rate >= 4x kafka' would hold kafka against itself")]
    [InlineData("targets: [engine, kafka]\nexpect: {kafka: [produce.rate at best >= 4x kafka]}", 5, "expect: 'produce.rate at best >= 4x kafka' would hold kafka against itself")]
    [InlineData("compare: {a: {}, b: {expect: [produce.rate >= 4x third]}}", 4, "expect: 'third' is none of the targets or variants that take turns with b on engine; allowed: a")]
    [InlineData("expect: [produce.rate >= 4]", 4, "expect: produce.rate: '4' has no unit")]
    [InlineData("expect: [produce.rate >= 4x]", 4, "expect: produce.rate: 4x of what? Name a target or a variant behind it")]
    [InlineData("expect: [produce.rate at best >= 4M/s]", 4, "expect: produce.rate: 'at best' compares two targets")]
    [InlineData("expect: [broker.collections <= 0x engine]", 4, "expect: broker.collections: 0x of anything is nothing")]
    [InlineData("expect: [broker.collections <= 5ms]", 4, "expect: broker.collections: '5ms' is not a count: a number without a unit")]
    [InlineData("expect: [share.bare >= 65]", 4, "expect: share.bare: '65' has no unit: write % behind the number")]
    [InlineData("extends: [a]", 4, "extends: a list where the name or path")]
    [InlineData("extends: nowhere.yaml", 4, "extends: no scenario 'nowhere.yaml'")]
    public void What_makes_variants_is_refused_where_it_is_wrong(string line, int at, string text)
    {
        ScenarioProblem problem = Assert.Single(Yaml.Problems($"{Yaml.Minimal}\n{line}"));
        Assert.Equal(at, problem.Line);
        Assert.True(problem.Column > 0);
        Assert.StartsWith(text, problem.Text, StringComparison.Ordinal);
    }

    [Fact]
    public void A_matrix_over_the_limit_is_refused_with_its_size()
    {
        string axis = string.Join(", ", Enumerable.Range(1, 40));
        ScenarioProblem problem = Assert.Single(Yaml.Problems($"{Yaml.Minimal}\nmatrix: {{seed: [{axis}], producers.inFlight: [{axis}]}}"));
        Assert.Equal("matrix: 40 × 40 = 1600 points; allowed: at most 256", problem.Text);
    }

    [Fact]
    public void A_scenario_is_laid_over_what_it_extends_and_problems_name_the_file_they_are_in()
    {
        File.WriteAllText(Path.Combine(_folder, "base.yaml"), "name: base\nmessage: {size: 100B}\nproducers: {batch: 64KiB, inFlight: 2}\nload: [{saturate: {during: 9s}}]");
        string over = Path.Combine(_folder, "over.yaml");
        File.WriteAllText(over, "extends: base.yaml\nname: over\nproducers: {inFlight: 3}");
        ScenarioInfo scenario = PlanReader.Read(new ScenarioFile(over, "x/over.yaml", "over.yaml")).First;
        Assert.Equal(("over", 100, 64 * 1024, 3, "over.yaml"),
            (scenario.Name, scenario.Message.SizeBytes, scenario.Producers.BatchBytes, scenario.Producers.InFlight, scenario.File));

        File.WriteAllText(Path.Combine(_folder, "base.yaml"), "name: base\nmessage: {size: 100}\nload: [{saturate: {during: 9s}}]");
        ScenarioException wrong = Assert.Throws<ScenarioException>(() => PlanReader.Read(new ScenarioFile(over, "x/over.yaml", null)));
        Assert.StartsWith("x/base.yaml:2:17: message.size: ", wrong.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Scenarios_that_extend_each_other_are_refused()
    {
        File.WriteAllText(Path.Combine(_folder, "a.yaml"), "extends: b.yaml\nname: a");
        File.WriteAllText(Path.Combine(_folder, "b.yaml"), "extends: a.yaml\nname: b");
        ScenarioException wrong = Assert.Throws<ScenarioException>(
            () => PlanReader.Read(new ScenarioFile(Path.Combine(_folder, "a.yaml"), "a.yaml", null)));
        Assert.Contains("one upon itself", wrong.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void The_command_line_has_the_last_word()
    {
        RunPlan plan = PlanReader.Parse(Yaml.Minimal, Yaml.File, new PlanRequest
        {
            Settings = ["message.size=1KiB", "producers={batch: 64KiB, acks: all}", "load.saturate.during=20s", "topic.config.segment.bytes=2MiB"],
            Repeat = 9,
        });
        Assert.Equal((1024, 64 * 1024, "all", 20.0, "2097152", 9),
            (plan.First.Message.SizeBytes, plan.First.Producers.BatchBytes, plan.First.Producers.Acks, plan.First.Load[0].DuringSeconds,
            plan.First.Topic.Config["segment.bytes"], plan.Repeat));
    }

    [Theory]
    [InlineData("message.size", "--set message.size: allowed: path=value")]
    [InlineData("=5", "--set =5: allowed: path=value")]
    [InlineData("message.size=5", "--set message.size=5: message.size: '5' has no unit")]
    [InlineData("mesage.size=5B", "--set mesage.size=5B: unknown key 'mesage' (did you mean 'message'?)")]
    [InlineData("message.size=[5", "--set message.size=[5: ")]
    [InlineData("load.5.saturate.during=3s", "--set load.5.saturate.during=3s: load.5.saturate.during: '5' is none of the items there")]
    public void A_setting_that_does_not_fit_is_one_line_with_the_setting(string setting, string expected)
    {
        ScenarioException wrong = Assert.Throws<ScenarioException>(
            () => PlanReader.Parse(Yaml.Minimal, Yaml.File, new PlanRequest { Settings = [setting] }));
        Assert.StartsWith(expected, wrong.Message, StringComparison.Ordinal);
        Assert.DoesNotContain('\n', wrong.Message);
    }

    [Fact]
    public void Expectations_of_a_target_are_for_it_and_those_of_each_for_all()
    {
        RunPlan plan = PlanReader.Parse(Yaml.Minimal + "\nexpect: {each: [consume.rate >= 1/s], engine: [consume.rate >= 2/s]}", Yaml.File);
        Assert.Equal(["consume.rate >= 1/s", "consume.rate >= 2/s"], plan.First.Expect);
    }

    [Fact]
    public void Phases_follow_one_another_and_a_ramp_begins_where_the_one_before_left_off()
    {
        ScenarioInfo scenario = Yaml.Read("""
            name: phases
            message: {size: 100B}
            load:
              - inject: {rate: 20k/s, during: 2s}
              - ramping_inject: {rate: 50k/s, during: 10s}
              - pause: {during: 1s}
              - ramping_inject: {rate: 5k/s, during: 1s}
              - keep_constant: {copies: 100, during: 5s}
            """);
        Assert.Equal(
            [
                new LoadPhaseInfo("inject", 2, 20_000),
                new LoadPhaseInfo("ramping_inject", 10, 50_000) { StartRatePerSecond = 20_000 },
                new LoadPhaseInfo("pause", 1, null),
                new LoadPhaseInfo("ramping_inject", 1, 5_000) { StartRatePerSecond = 0 },
                new LoadPhaseInfo("keep_constant", 5, null) { Copies = 100 },
            ],
            scenario.Load);
    }

    [Theory]
    [InlineData("compare: {a: {producers: {acks: none}}, b: {}}", "'b' and 'a' promise different durability")]
    [InlineData("targets: [engine, engine+log.flush.interval.messages=1]", "'engine+log.flush.interval.messages=1' and 'engine' promise different durability")]
    public void Unequal_durability_is_refused_unless_it_is_allowed_by_name(string line, string expected)
    {
        ScenarioProblem problem = Assert.Single(Yaml.Problems($"{Yaml.Minimal}\n{line}"));
        Assert.Equal((4, 1), (problem.Line, problem.Column));
        Assert.StartsWith(expected, problem.Text, StringComparison.Ordinal);
        Assert.Equal(2, PlanReader.Parse($"{Yaml.Minimal}\n{line}\nallow: [durability]", Yaml.File).Variants.Count());
    }

    [Fact]
    public void Aliases_that_grow_without_end_are_refused()
    {
        string yaml = "a: &a [x, x, x, x, x, x, x, x, x, x]\n"
            + string.Concat(Enumerable.Range(0, 8).Select(i => $"{(char)('b' + i)}: &{(char)('b' + i)} [{string.Join(", ", Enumerable.Repeat($"*{(char)('a' + i)}", 10))}]\n"));
        Assert.Contains("more than 100000 values", Assert.Single(Yaml.Problems(yaml)).Text, StringComparison.Ordinal);
    }

    private static string Compare(params string[] variants) =>
        $"{Yaml.With(("producers.inFlight", "7"))}\ncompare: {{{string.Join(", ", variants)}}}";
}
