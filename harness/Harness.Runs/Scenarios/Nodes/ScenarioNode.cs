namespace Harness.Runs.Scenarios.Nodes;

/// <summary>Where a node was written: a file, or the option of the command line that set it, which has no lines.</summary>
/// <param name="Line">From 1; 0 on the command line.</param>
internal readonly record struct Origin(string File, long Line, long Column);

/// <summary>
/// A scenario as written, before anything is known of its keys. Our own and not YamlDotNet's nodes, because a scenario is put together
/// from several files and from options, and every part must go on saying where it came from. Immutable.
/// </summary>
internal abstract record ScenarioNode(Origin At);

/// <param name="Text">Null where there is no value (<c>key:</c>, <c>~</c>, <c>null</c>).</param>
internal sealed record ScenarioScalar(Origin At, string? Text) : ScenarioNode(At);

internal sealed record ScenarioList(Origin At, IReadOnlyList<ScenarioNode> Items) : ScenarioNode(At);

internal sealed record ScenarioMapping(Origin At, IReadOnlyList<ScenarioEntry> Entries) : ScenarioNode(At)
{
    public ScenarioEntry? Find(string key) => Entries.FirstOrDefault(entry => entry.Key == key);

    public ScenarioMapping Without(params IEnumerable<string> keys) => this with { Entries = [.. Entries.Where(entry => !keys.Contains(entry.Key))] };

    /// <summary>This mapping with another laid over it: mappings are merged key by key, everything else is replaced.</summary>
    public ScenarioMapping With(ScenarioMapping over)
    {
        List<ScenarioEntry> entries = [.. Entries];
        foreach (ScenarioEntry entry in over.Entries)
        {
            int at = entries.FindIndex(existing => existing.Key == entry.Key && entry.Key is not null);
            if (at < 0)
            {
                entries.Add(entry);
            }
            else
            {
                entries[at] = entries[at].Value is ScenarioMapping under && entry.Value is ScenarioMapping above
                    ? entry with { Value = under.With(above) }
                    : entry;
            }
        }

        return this with { Entries = entries };
    }
}

/// <param name="Key">Null where the key is no word.</param>
internal sealed record ScenarioEntry(Origin At, string? Key, ScenarioNode Value);
