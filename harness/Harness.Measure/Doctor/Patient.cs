using Results;

namespace Harness.Measure.Doctor;

/// <summary>All that the checks look at, gathered beforehand, so that a check is a function of it and nothing else.</summary>
/// <param name="DataPath">Without symbolic links; the nearest folder that exists.</param>
/// <param name="Load">Null where the kernel does not show the CPU time of the machine.</param>
/// <param name="DirectIo">Null where it could not be tried; then <paramref name="DirectIoUnknown"/> says why.</param>
/// <param name="SearchPath">Folders of programs, as in the variable PATH.</param>
internal sealed record Patient(
    PseudoFiles Files,
    MachineInfo Machine,
    string DataPath,
    LoadSample? Load,
    bool? DirectIo,
    string? DirectIoUnknown,
    string? SearchPath,
    string? KafkaHome);

/// <param name="OtherCpus">CPUs that were busy on average with the work of other processes and of the kernel.</param>
/// <param name="StealShare">CPU time taken by the hypervisor, as a share of all CPU time.</param>
internal sealed record LoadSample(double Seconds, double OtherCpus, double StealShare);
