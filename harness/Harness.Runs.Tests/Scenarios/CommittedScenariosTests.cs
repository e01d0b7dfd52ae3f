using System.Runtime.CompilerServices;
using Harness.Runs.Scenarios;
using Results;

namespace Harness.Runs.Tests.Scenarios;

/// <summary>The scenario files of the repository itself.</summary>
public sealed class CommittedScenariosTests
{
    private static readonly ScenarioCatalog Catalog = new(Root());

    public static TheoryData<string> Names() => [.. Catalog.Names];

    [Theory]
    [MemberData(nameof(Names))]
    public void Every_committed_scenario_can_be_read_and_bears_its_files_name(string name)
    {
        ScenarioInfo scenario = PlanReader.Read(Catalog.Find(name)).First;
        Assert.Equal(name, scenario.Name);
        Assert.NotNull(scenario.Title);
        Assert.StartsWith("scenarios/", scenario.File, StringComparison.Ordinal);
    }

    [Fact]
    public void The_headline_states_the_claims_conditions()
    {
        ScenarioInfo scenario = PlanReader.Read(Catalog.Find("kafka-20m")).First;
        Assert.Equal("C1", scenario.Claim);
        Assert.Equal(30, scenario.Message.SizeBytes);
        Assert.Equal(["consume.rate >= 20M/s", "consume.bytes >= 600MB/s"], scenario.Expect);
        Assert.Equal(new ProducersInfo(1, "native", 256 * 1024, 0.005, "leader", 5, "none"), scenario.Producers);
    }

    private static string Root([CallerFilePath] string thisFile = "") => Path.GetFullPath(Path.Combine(thisFile, "../../../.."));
}
