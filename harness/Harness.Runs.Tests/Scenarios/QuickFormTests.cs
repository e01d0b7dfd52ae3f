using Harness.Runs.Planning;
using Harness.Runs.Scenarios;
using Results;

namespace Harness.Runs.Tests.Scenarios;

public sealed class QuickFormTests
{
    [Fact]
    public void The_quick_form_has_fewer_and_shorter_trials_and_changes_nothing_else()
    {
        string yaml = Yaml.With(("load.saturate.during", "30s"), ("warmup", "10s"));
        ScenarioInfo whole = Yaml.Read(yaml);
        ScenarioInfo quick = Quick(yaml).First;

        Assert.Equal(3, quick.Repeat);
        Assert.Equal(10, quick.WarmupSeconds);
        Assert.Equal([new LoadPhaseInfo("saturate", 12, null)], quick.Load);
        Assert.Equal(
            whole with { Repeat = 0, Targets = quick.Targets, Topic = quick.Topic, Expect = quick.Expect },
            quick with { Repeat = 0, Load = whole.Load });
    }

    [Fact]
    public void A_scenario_that_is_shorter_stays_as_it_is()
    {
        string yaml = Yaml.With(("load.saturate.during", "2s"), ("warmup", "1s"), ("repeat", "1"));
        ScenarioInfo whole = Yaml.Read(yaml);
        ScenarioInfo quick = Quick(yaml).First;
        Assert.Equal(whole with { Targets = quick.Targets, Topic = quick.Topic, Expect = quick.Expect }, quick with { Load = whole.Load });
        Assert.Equal(whole.Load, quick.Load);
    }

    [Fact]
    public void Variants_that_are_compared_get_fewer_blocks_as_each_runs_twice_in_one() =>
        Assert.Equal(2, Quick(Yaml.Minimal + "\ncompare: {a: {}, b: {seed: 7}}").Repeat);

    [Fact]
    public void Replayed_batches_need_less_still()
    {
        string yaml = Yaml.With(("producers.client", "replay"), ("consumers.mode", "none")) + "\ncompare: {a: {}, b: {producers: {connections: 2}}}";
        RunPlan quick = Quick(yaml);
        Assert.Equal((1, 2.0), (quick.Repeat, quick.First.Load[0].DuringSeconds));
    }

    private static RunPlan Quick(string yaml) => PlanReader.Parse(yaml, Yaml.File, new PlanRequest { Quick = true });
}
