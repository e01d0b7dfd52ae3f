using System.Runtime.CompilerServices;
using System.Text.Json.Nodes;
using Harness.Runs.Scenarios;
using Harness.Runs.Scenarios.Keys;

namespace Harness.Runs.Tests.Scenarios;

public sealed class ScenarioSchemaTests
{
    private const string Update = "UPDATE_SCENARIO_SCHEMA";
    private static readonly string Folder = Path.Combine(Root(), "scenarios");

    [Fact]
    public void The_schema_beside_the_scenarios_is_the_one_that_the_key_table_gives()
    {
        string file = Path.Combine(Folder, "scenario.schema.json");
        if (Environment.GetEnvironmentVariable(Update) == "1")
        {
            File.WriteAllText(file, ScenarioSchema.Text());
        }

        Assert.True(File.ReadAllText(file) == ScenarioSchema.Text(), $"{file} is out of date; run the tests once with {Update}=1");
    }

    [Fact]
    public void Every_key_is_in_the_schema_with_what_it_means()
    {
        JsonNode schema = JsonNode.Parse(ScenarioSchema.Text())!;
        foreach (ScenarioKey key in ScenarioKeys.All)
        {
            Assert.StartsWith(key.Description, Find(schema, key.Path)["description"]!.GetValue<string>(), StringComparison.Ordinal);
        }
    }

    [Fact]
    public void Every_committed_scenario_leads_editors_to_the_schema()
    {
        foreach (string file in Directory.GetFiles(Folder, "*.yaml", SearchOption.AllDirectories))
        {
            string way = Path.GetRelativePath(Path.GetDirectoryName(file)!, Path.Combine(Folder, "scenario.schema.json"));
            Assert.StartsWith($"# yaml-language-server: $schema={way}\n", File.ReadAllText(file), StringComparison.Ordinal);
        }
    }

    /// <summary>Kafka's names have dots, and a shape of the load is one of several.</summary>
    private static JsonNode Find(JsonNode schema, string path)
    {
        JsonNode at = schema;
        string rest = path;
        while (rest.Length > 0)
        {
            JsonNode properties = at["properties"] ?? at["items"]!["oneOf"]!.AsArray()
                .Select(shape => shape!["properties"]!).First(shape => shape[rest[..rest.IndexOf('.', StringComparison.Ordinal)]] is not null);
            string name = properties[rest] is null ? rest[..rest.IndexOf('.', StringComparison.Ordinal)] : rest;
            at = properties[name]!;
            rest = name.Length == rest.Length ? "" : rest[(name.Length + 1)..];
        }

        return at;
    }

    private static string Root([CallerFilePath] string thisFile = "") => Path.GetFullPath(Path.Combine(thisFile, "../../../.."));
}
