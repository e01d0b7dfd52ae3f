using Harness.Runs.Scenarios;

namespace Harness.Runs.Tests.Scenarios;

public sealed class ScenarioCatalogTests : IDisposable
{
    private readonly string _root = Directory.CreateTempSubdirectory("harness catalog ").FullName;

    public ScenarioCatalogTests()
    {
        Write("scenarios/claims/kafka-20m.yaml");
        Write("scenarios/gates/default.yaml");
        Write("scenarios/sweeps/default.yaml");
        Write("elsewhere.yaml");
    }

    [Theory]
    [InlineData("kafka-20m")]
    [InlineData("kafka-20m.yaml")]
    [InlineData("claims/kafka-20m")]
    [InlineData("scenarios/claims/kafka-20m.yaml")]
    public void A_scenario_is_found_by_name_and_by_its_way_below_the_folder(string name) =>
        Assert.Equal("scenarios/claims/kafka-20m.yaml", new ScenarioCatalog(_root).Find(name).InRepository);

    [Fact]
    public void A_path_is_taken_as_it_is()
    {
        string path = Path.Combine(_root, "elsewhere.yaml");
        Assert.Equal(new ScenarioFile(path, path, "elsewhere.yaml"), new ScenarioCatalog(_root).Find(path));
    }

    [Fact]
    public void A_file_outside_the_repository_has_no_name_in_it() =>
        Assert.Null(new ScenarioCatalog(Path.Combine(_root, "scenarios")).Find(Path.Combine(_root, "elsewhere.yaml")).InRepository);

    [Fact]
    public void An_unknown_name_is_refused_with_the_nearest()
    {
        ScenarioException e = Assert.Throws<ScenarioException>(() => new ScenarioCatalog(_root).Find("kafka-2m"));
        Assert.Equal("no scenario 'kafka-2m' (did you mean 'kafka-20m'?)", e.Message);
    }

    [Fact]
    public void A_name_that_two_files_bear_is_refused_with_both()
    {
        ScenarioException e = Assert.Throws<ScenarioException>(() => new ScenarioCatalog(_root).Find("default"));
        Assert.Equal("more than one scenario 'default': scenarios/gates/default.yaml, scenarios/sweeps/default.yaml", e.Message);
        Assert.Equal("scenarios/gates/default.yaml", new ScenarioCatalog(_root).Find("gates/default").InRepository);
    }

    [Fact]
    public void Without_a_scenarios_folder_nothing_is_found() =>
        Assert.Throws<ScenarioException>(() => new ScenarioCatalog(Path.Combine(_root, "none")).Find("x"));

    public void Dispose() => Directory.Delete(_root, recursive: true);

    private void Write(string relative)
    {
        string path = Path.Combine(_root, relative);
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        File.WriteAllText(path, Yaml.Minimal);
    }
}
