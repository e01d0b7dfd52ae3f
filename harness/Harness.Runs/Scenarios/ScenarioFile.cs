namespace Harness.Runs.Scenarios;

/// <summary>A scenario file that was found.</summary>
/// <param name="Path">Where to read it.</param>
/// <param name="Shown">What problems call it: as the user gave it, or relative to the working folder where found by name.</param>
/// <param name="InRepository">Relative to the repository, with forward slashes; null where it lies elsewhere.</param>
public sealed record ScenarioFile(string Path, string Shown, string? InRepository);
