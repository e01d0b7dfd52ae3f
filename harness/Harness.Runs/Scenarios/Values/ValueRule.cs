using System.Text.Json.Nodes;

namespace Harness.Runs.Scenarios.Values;

/// <summary>
/// How the text of one value is read, and what is allowed there. The same words explain it in an error and in the
/// description of the file format.
/// </summary>
internal abstract class ValueRule<T>
{
    /// <summary>Stands behind "allowed: ".</summary>
    public abstract string Allowed { get; }

    /// <summary>The same for editors, as JSON Schema.</summary>
    public abstract JsonObject Schema { get; }

    /// <param name="problem">Stands behind the key's path; empty on success.</param>
    public abstract bool TryRead(string text, out T value, out string problem);
}
