namespace Harness.Cli.Tests.Conventions;

/// <summary>
/// Dependencies point one way. The table is the whole list of what may refer to what; a reference that is not in it fails,
/// and so does a project that it does not know.
/// </summary>
public sealed class DependencyTests
{
    private static readonly string[] Harness =
        ["Harness.Runs", "Harness.Load", "Harness.Targets", "Harness.Measure", "Harness.Verdicts", "Harness.Conformance"];

    private static readonly Dictionary<string, string[]> Allowed = new()
    {
        ["Harness.Cli"] = [.. Harness, "Reports", "Results"],
        ["Harness.Runs"] = ["Harness.Load", "Harness.Targets", "Harness.Measure", "Harness.Verdicts", "Results"],
        ["Harness.Conformance"] = ["Harness.Load", "Harness.Targets", "Harness.Measure", "Results", "Engine.Wire"],
        ["Harness.Verdicts"] = ["Results"],
        ["Harness.Load"] = ["Harness.Measure", "Results", "Engine.Wire", "Engine.Linux"],
        ["Harness.Targets"] = ["Results", "Engine.Wire", "Engine.Linux"],
        ["Harness.Interop"] = ["Harness.Librdkafka", "Harness.Targets"],
        ["Harness.Librdkafka"] = [],
        ["Harness.Measure"] = ["Results", "Engine.Linux"],
        ["Reports"] = ["Results"],
        ["Results"] = [],
        ["Engine.Server"] = ["Engine.Storage", "Engine.Wire", "Engine.Linux"],
        ["Engine.Storage"] = ["Engine.Wire", "Engine.Linux"],
        ["Engine.Benchmarks"] = ["Engine.Storage", "Engine.Wire", "Engine.Linux", "Harness.Load", "Harness.Measure"],
        ["Engine.Wire"] = [],
        ["Engine.Linux"] = [],
    };

    private static readonly string[] BrokerOnly = ["Engine.Storage", "Engine.Server"];

    [Fact]
    public void Projects_refer_only_to_what_the_list_allows() => Assert.Empty(
        ProjectFile.All
            .Where(project => !project.IsTests)
            .SelectMany(project => project.References.Select(reference => (project.Name, reference)))
            .Where(edge => !Allowed.TryGetValue(edge.Name, out string[]? allowed) || !allowed.Contains(edge.reference))
            .Select(edge => $"{edge.Name} → {edge.reference}"));

    [Fact]
    public void Every_project_is_in_the_list() =>
        Assert.Empty(ProjectFile.All.Where(project => !project.IsTests).Select(project => project.Name).Except(Allowed.Keys));

    [Fact]
    public void Tests_refer_to_what_they_test_and_to_nothing_that_it_may_not_know() => Assert.Empty(
        ProjectFile.All
            .Where(project => project.IsTests)
            .SelectMany(project => project.References.Select(reference => (Project: project, reference)))
            .Where(edge => edge.reference != edge.Project.Tested && !Allowed[edge.Project.Tested].Contains(edge.reference))
            .Select(edge => $"{edge.Project.Name} → {edge.reference}"));

    [Fact]
    public void The_harness_knows_the_broker_only_from_outside() => Assert.Empty(
        ProjectFile.All
            .Where(project => project.Name.StartsWith("Harness.", StringComparison.Ordinal) && project.References.Intersect(BrokerOnly).Any())
            .Select(project => project.Name));

    [Fact]
    public void The_list_has_no_cycle()
    {
        List<string> open = [.. Allowed.Keys];
        while (open.FirstOrDefault(name => !Allowed[name].Intersect(open).Any()) is { } leaf)
        {
            open.Remove(leaf);
        }

        Assert.Empty(open);
    }
}
