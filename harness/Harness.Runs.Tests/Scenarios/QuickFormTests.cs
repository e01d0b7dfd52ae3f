using Harness.Runs.Scenarios;
using Results;

namespace Harness.Runs.Tests.Scenarios;

public sealed class QuickFormTests
{
    [Fact]
    public void The_quick_form_has_fewer_and_shorter_trials_and_changes_nothing_else()
    {
        ScenarioInfo whole = Yaml.Read(Yaml.With(("load.saturate.during", "30s"), ("warmup", "10s")));
        ScenarioInfo quick = QuickForm.Of(whole);

        Assert.Equal(3, quick.Repeat);
        Assert.Equal(4, quick.WarmupSeconds);
        Assert.Equal([new LoadPhaseInfo("saturate", 12, null)], quick.Load);
        Assert.Equal(whole with { Repeat = 0, WarmupSeconds = 0, Load = whole.Load }, quick with { Repeat = 0, WarmupSeconds = 0, Load = whole.Load });
    }

    [Fact]
    public void A_scenario_that_is_shorter_stays_as_it_is()
    {
        ScenarioInfo whole = Yaml.Read(Yaml.With(("load.saturate.during", "2s"), ("warmup", "1s"), ("repeat", "1")));
        ScenarioInfo quick = QuickForm.Of(whole);
        Assert.Equal(whole, quick with { Load = whole.Load });
        Assert.Equal(whole.Load, quick.Load);
    }
}
