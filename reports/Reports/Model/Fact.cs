namespace Reports.Model;

/// <summary>A name and what is true of it: one line of a list of conditions.</summary>
public sealed record Fact(string Name, string Value);
