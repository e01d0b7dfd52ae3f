using Results;

namespace Harness.Measure;

/// <param name="Notes">One sentence for each fact that could not be read.</param>
public sealed record MachineReading(MachineInfo Info, IReadOnlyList<string> Notes);
