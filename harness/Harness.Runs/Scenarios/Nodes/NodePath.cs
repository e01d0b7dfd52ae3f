namespace Harness.Runs.Scenarios.Nodes;

/// <summary>Sets one value in a scenario by its path, as <c>--set</c> and the points of a matrix do.</summary>
internal static class NodePath
{
    private const string TopicConfig = "topic.config.";

    /// <summary>The root with the value at the path, whatever stood there. What lies on the way and is missing is made.</summary>
    /// <param name="at">Where the path was written.</param>
    /// <exception cref="ScenarioException">The path leads into a list and names none of its items.</exception>
    public static ScenarioMapping Set(ScenarioMapping root, string path, ScenarioNode value, Origin at) =>
        (ScenarioMapping)Set(root, Segments(path), value, at, path);

    /// <summary>Kafka's names have dots of their own.</summary>
    private static string[] Segments(string path) => path.StartsWith(TopicConfig, StringComparison.Ordinal)
        ? ["topic", "config", path[TopicConfig.Length..]]
        : path.Split('.');

    private static ScenarioNode Set(ScenarioNode? node, ReadOnlySpan<string> segments, ScenarioNode value, Origin at, string path)
    {
        if (segments.IsEmpty)
        {
            return value;
        }

        string segment = segments[0];
        if (node is ScenarioList list)
        {
            int index = IndexOf(list, segment);
            if (index < 0)
            {
                throw new ScenarioException([new ScenarioProblem(
                    at.File, at.Line, at.Column, $"{path}: '{segment}' is none of the items there; allowed: 0 to {list.Items.Count - 1}, or an item's only key")]);
            }

            // An item is named by its only key, or by its number and then a key.
            bool byKey = !int.TryParse(segment, out _);
            ScenarioNode item = Set(list.Items[index], byKey ? segments : segments[1..], value, at, path);
            return list with { Items = [.. list.Items.Select((existing, i) => i == index ? item : existing)] };
        }

        ScenarioMapping mapping = node as ScenarioMapping ?? new ScenarioMapping(at, []);
        ScenarioNode child = Set(mapping.Find(segment)?.Value, segments[1..], value, at, path);
        ScenarioEntry entry = new(at, segment, child);
        return mapping.Find(segment) is null
            ? mapping with { Entries = [.. mapping.Entries, entry] }
            : mapping with { Entries = [.. mapping.Entries.Select(existing => existing.Key == segment ? entry : existing)] };
    }

    private static int IndexOf(ScenarioList list, string segment) => int.TryParse(segment, out int number)
        ? (number >= 0 && number < list.Items.Count ? number : -1)
        : list.Items.ToList().FindIndex(item => item is ScenarioMapping { Entries: [{ } only] } && only.Key == segment);
}
