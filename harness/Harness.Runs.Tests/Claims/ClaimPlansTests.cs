using System.Runtime.CompilerServices;
using Harness.Runs.Claims;
using Harness.Runs.Planning;
using Harness.Runs.Scenarios;
using Results;

namespace Harness.Runs.Tests.Claims;

/// <summary>Plans of claims, from the scenarios of the repository itself.</summary>
public sealed class ClaimPlansTests
{
    private const double AllSecondsLimit = 15 * 60;
    private static readonly ScenarioCatalog Catalog = new(Root());

    [Fact]
    public void All_six_fit_in_a_quarter_of_an_hour_also_beside_a_Kafka()
    {
        RunPlan plan = ClaimPlans.Of(new ClaimRequest { HasKafka = true }, Catalog);
        Assert.Equal(["C1", "C2", "C3", "C4", "C5", "C6"], plan.Variants.Select(v => v.Scenario.Claim).OfType<string>().Distinct().Order());
        Assert.InRange(PlanCost.Of(plan).Seconds, 0, AllSecondsLimit);
        Assert.Equal("Claims C1 to C6 on engine", plan.Title);
        Assert.Equal(plan.Variants.Count(), plan.Variants.Select(v => v.Name).Distinct().Count());
    }

    [Fact]
    public void Where_an_interval_decides_there_are_blocks_enough_for_one()
    {
        foreach (string id in ClaimPlans.Ids.Skip(1))
        {
            RunPlan plan = ClaimPlans.Of(new ClaimRequest { Ids = [id] }, Catalog);
            Assert.Contains(plan.Points, point => point.Variants.Count > 1 && point.Repeat >= 6);
        }

        Assert.True(ClaimPlans.Of(new ClaimRequest { Ids = ["C1"] }, Catalog).Repeat >= 6);
    }

    [Fact]
    public void Kafka_stands_beside_the_engine_only_where_there_is_one_and_is_not_on_trial_then()
    {
        Assert.DoesNotContain(ClaimPlans.Of(new ClaimRequest { Ids = ["c1"], Full = true }, Catalog).Variants, v => v.Target == "kafka");
        VariantInfo[] besides = [.. ClaimPlans.Of(new ClaimRequest { Ids = ["C1"], HasKafka = true }, Catalog).Variants.Where(v => v.Target == "kafka")];
        Assert.All(besides, v => Assert.Null(v.Scenario.Claim));
        Assert.NotEmpty(besides);
    }

    [Theory]
    [InlineData("kafka")]
    [InlineData("kafka://127.0.0.1:9092")]
    public void On_another_broker_everything_runs_on_it_and_no_technique_is_switched(string target)
    {
        RunPlan plan = ClaimPlans.Of(new ClaimRequest { Target = target, HasKafka = true }, Catalog);
        Assert.All(plan.Variants, variant => Assert.Equal((target, target), (variant.Target, variant.Scenario.Targets.Single())));
        Assert.All(plan.Variants, variant => Assert.NotNull(variant.Scenario.Claim));
        Assert.Equal(target == "kafka", plan.Variants.Any(variant => variant.Scenario.Consumers.Mode == "cold"));
    }

    [Fact]
    public void Settings_of_the_engine_on_trial_are_those_of_all_its_variants()
    {
        RunPlan plan = ClaimPlans.Of(new ClaimRequest { Ids = ["C5"], Target = "engine+num.network.threads=1" }, Catalog);
        Assert.Equal(
            ["engine+num.network.threads=1", "engine+num.network.threads=1+technique.transfer=copy"], plan.Variants.Select(v => v.Target).Distinct());
    }

    [Fact]
    public void Points_are_numbered_through_and_blocks_are_each_points_own()
    {
        RunPlan plan = ClaimPlans.Of(new ClaimRequest { Ids = ["C2"] }, Catalog);
        Assert.Equal(Enumerable.Range(0, plan.Points.Count), plan.Points.Select(point => point.Index));
        Assert.All(plan.Points, point => Assert.All(point.Variants, variant => Assert.Equal(point.Index, variant.Point)));
        Assert.Equal(plan.Points.Sum(point => point.Repeat * point.Block().Count()), plan.Trials().Count);
        Assert.Equal([1, 3, 10, 30, 100, 300, 1000, 3000, 10000], plan.Variants
            .Where(v => v.Settings["scenario"] == "records-per-batch").Select(v => v.Scenario.Producers.BatchRecords!.Value));
    }

    [Fact]
    public void The_headline_comes_with_a_ladder_that_gets_no_verdict_and_both_are_quick()
    {
        RunPlan plan = ClaimPlans.Headline(Catalog);
        Assert.Equal(["C1", null], plan.Points.Select(point => point.Variants[0].Scenario.Claim));
        Assert.Equal(["none", "batching", "and sequential log", "and page cache", "all four"], plan.Points[1].Variants.Select(v => v.Label));
        Assert.Equal((3, 1), (plan.Points[0].Repeat, plan.Points[1].Repeat));
        Assert.InRange(PlanCost.Of(plan).Seconds, 0, 110);
    }

    [Theory]
    [InlineData("C9", "engine", "no claim 'C9'; there are C1, C2, C3, C4, C5, C6")]
    [InlineData("C1", "engin", "--target: 'engin' is not a target; allowed: engine | engine@REVISION | kafka")]
    public void What_there_is_not_is_told_with_what_there_is(string id, string target, string expected)
    {
        ScenarioException refused = Assert.Throws<ScenarioException>(() => ClaimPlans.Of(new ClaimRequest { Ids = [id], Target = target }, Catalog));
        Assert.StartsWith(expected, refused.Message, StringComparison.Ordinal);
    }

    private static string Root([CallerFilePath] string thisFile = "") => Path.GetFullPath(Path.Combine(thisFile, "../../../.."));
}
