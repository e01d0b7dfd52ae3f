using Results;

namespace Harness.Measure;

/// <summary>What a figure of the probe is of; its fields are those of <see cref="ProbeFigure"/>.</summary>
public sealed record ProbeSubject(string Kind, string Group, string Name, ProbeUnit Unit, int? BlockBytes = null);

/// <summary>Groups of figures, in the order of the table.</summary>
public static class ProbeGroups
{
    public const string Memory = "memory and CPU";
    public const string Sockets = "sockets";
    public const string Pipeline = "pipeline";
    public const string Disk = "disk";
    public const string Tools = "other tools";
}
