using Harness.Runs.Scenarios;
using Harness.Runs.Scenarios.Keys;
using Results;

namespace Harness.Runs.Tests.Scenarios;

/// <summary>Builds scenario texts in which one key differs from a good scenario, and reads them.</summary>
internal static class Yaml
{
    public const string File = "dir/x.yaml";

    /// <summary>The least that a scenario needs.</summary>
    public const string Minimal = """
        name: least
        message: {size: 30B}
        load: [{saturate: {during: 10s}}]
        """;

    public static ScenarioInfo Read(string yaml) => PlanReader.Parse(yaml, File).First;

    /// <summary>The problems of a text, which must have some.</summary>
    public static IReadOnlyList<ScenarioProblem> Problems(string yaml) =>
        Assert.Throws<ScenarioException>(() => Read(yaml)).Problems;

    /// <summary>The minimal scenario with values by path, written out one key a line.</summary>
    public static string With(params (string Path, string Value)[] changes)
    {
        Dictionary<string, string> values = new() { ["name"] = "least", ["message.size"] = "30B" };
        string shape = changes.Select(change => ShapeOf(change.Path)).OfType<string>().FirstOrDefault() ?? "load.saturate";
        foreach (ScenarioKey key in ScenarioKeys.All.Where(key => ShapeOf(key.Path) == shape))
        {
            values[key.Path] = key.Path[(shape.Length + 1)..] switch { "during" => "10s", "rate" => "1k/s", _ => "100" };
        }

        foreach ((string path, string value) in changes)
        {
            values[path] = value;
        }

        string[] sections = ["", "topic", "topic.config", "message", "producers", "consumers", shape, "verify"];
        List<string> lines = [];
        foreach (string section in sections)
        {
            string[] keys = [.. values.Keys.Where(path => SectionOf(path, sections) == section)];
            if (section == "topic.config" && keys.Length > 0 && !values.Keys.Any(path => SectionOf(path, sections) == "topic"))
            {
                lines.Add("topic:");
            }

            if (section.Length > 0 && keys.Length > 0)
            {
                lines.Add(section == shape ? $"load:\n- {shape["load.".Length..]}:" : section == "topic.config" ? "  config:" : section + ":");
            }

            string indent = section.Length == 0 ? "" : section.Contains('.') ? "    " : "  ";
            lines.AddRange(keys.Select(path => $"{indent}{path[(section.Length == 0 ? 0 : section.Length + 1)..]}: {values[path]}"));
        }

        return string.Join('\n', lines);
    }

    /// <summary>Line and column of a key's value in a text made by <see cref="With"/>.</summary>
    public static (long Line, long Column) ValueOf(string yaml, string path)
    {
        string name = path.StartsWith("topic.config.", StringComparison.Ordinal) ? path["topic.config.".Length..] : path[(path.LastIndexOf('.') + 1)..];
        string[] lines = yaml.Split('\n');
        int line = Array.FindIndex(lines, text => text.TrimStart().StartsWith(name + ":", StringComparison.Ordinal));
        return (line + 1, lines[line].IndexOf(": ", StringComparison.Ordinal) + 3);
    }

    public static ScenarioKey Key(string path) => ScenarioKeys.ByPath[path];

    private static string? ShapeOf(string path) => path.StartsWith("load.", StringComparison.Ordinal) ? path[..path.LastIndexOf('.')] : null;

    private static string SectionOf(string path, string[] sections) =>
        sections.Where(section => section.Length == 0 || path.StartsWith(section + ".", StringComparison.Ordinal)).MaxBy(section => section.Length)!;
}
