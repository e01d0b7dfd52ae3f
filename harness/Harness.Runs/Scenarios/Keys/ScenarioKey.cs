using System.Text.Json.Nodes;
using Harness.Runs.Scenarios.Values;

namespace Harness.Runs.Scenarios.Keys;

/// <summary>Whether a scenario must have a key, and what holds without it.</summary>
internal enum Presence
{
    Required,

    /// <summary>Without it the key's default holds.</summary>
    Defaulted,

    /// <summary>Without it there is nothing: a title, a configuration left to the broker.</summary>
    Optional,
}

/// <summary>
/// One key of the scenario format: a row of <see cref="ScenarioKeys.All"/>. Reading, error messages, defaults and the
/// description of the format all come from this row.
/// </summary>
/// <param name="Path">From the root, with dots: <c>producers.batch</c>.</param>
/// <param name="Default">As one would write it in the file; for a list its only element. Null unless defaulted.</param>
internal abstract record ScenarioKey(string Path, Presence Presence, string? Default, string Description)
{
    /// <summary>True: a sequence of values in place of one.</summary>
    public bool IsList { get; init; }

    /// <summary>What may be written, in words.</summary>
    public abstract string Allowed { get; }

    /// <summary>One value of it as JSON Schema.</summary>
    public abstract JsonObject Schema { get; }

    /// <summary>Reads a value into the draft; returns what is wrong with it, or null.</summary>
    public abstract string? Apply(ScenarioDraft draft, string text);
}

/// <inheritdoc/>
internal sealed record ScenarioKey<T>(
    string Path, ValueRule<T> Rule, Presence Presence, string? Default, string Description, Action<ScenarioDraft, T> Set)
    : ScenarioKey(Path, Presence, Default, Description)
{
    public override string Allowed => Rule.Allowed;

    public override JsonObject Schema => Rule.Schema;

    public override string? Apply(ScenarioDraft draft, string text)
    {
        if (!Rule.TryRead(text, out T value, out string problem))
        {
            return problem;
        }

        Set(draft, value);
        return null;
    }
}
