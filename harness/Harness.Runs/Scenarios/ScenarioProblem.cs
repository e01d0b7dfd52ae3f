namespace Harness.Runs.Scenarios;

/// <summary>One thing that is wrong with a scenario file.</summary>
/// <param name="File">As the user gave it, so that an editor can jump there.</param>
/// <param name="Line">From 1; 0 where the file could not be read at all.</param>
/// <param name="Column">From 1.</param>
/// <param name="Text">The key, what is wrong with it and what is allowed; one line.</param>
public sealed record ScenarioProblem(string File, long Line, long Column, string Text)
{
    public override string ToString() => Line > 0 ? $"{File}:{Line}:{Column}: {Text}" : $"{File}: {Text}";
}
