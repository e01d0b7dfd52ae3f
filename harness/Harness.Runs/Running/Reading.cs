using Harness.Load;
using Harness.Measure;

namespace Harness.Runs;

/// <summary>Everything that is sampled at one moment of a trial.</summary>
/// <param name="Broker">Null when the broker's process is not to be seen (any more).</param>
internal sealed record Reading(
    double AtSecond, LoadSample Load, ProcessSnapshot? Broker, ProcessSnapshot Generator, MachineSnapshot Machine);
