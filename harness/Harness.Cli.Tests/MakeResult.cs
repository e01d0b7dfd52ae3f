using Results;

namespace Harness.Cli.Tests;

/// <summary>A result without trials: what the command line does with a result does not depend on its figures.</summary>
internal static class MakeResult
{
    public static RunResult Of(ScenarioInfo scenario, string id) => new()
    {
        SchemaVersion = RunResult.CurrentSchemaVersion,
        Id = id,
        Name = scenario.Name,
        Command = "",
        StartedUtc = DateTimeOffset.UnixEpoch,
        EndedUtc = DateTimeOffset.UnixEpoch,
        Outcome = new RunOutcome(RunStatus.Completed, ExitCodes.Passed, null),
        Tool = new ToolInfo { Version = "0", Runtime = ".NET", Settings = new Dictionary<string, string>() },
        Scenario = scenario,
        Machine = new MachineInfo
        {
            Cpu = new CpuInfo { Model = "m", Count = 2 },
            Memory = new MemoryInfo { TotalBytes = 1, AvailableBytes = 1, SwapBytes = 0, DirtyBackgroundBytes = 1, DirtyLimitBytes = 2, DirtyExpireSeconds = 30 },
            Disk = new DiskInfo { Filesystem = "ext4", MountOptions = "", FreeBytes = 1 },
            Kernel = new KernelInfo { Release = "6", Architecture = "x64", LoadAverage = 0, OpenFilesLimit = 1 },
            Fingerprint = "f",
        },
        Targets = [],
        Ceilings = [],
        Trials = [],
        Verdicts = [],
        Notes = [],
    };

    public static SecondSample Sample(double atSecond, long messages) => new()
    {
        AtSecond = atSecond,
        LengthSeconds = 1,
        Phase = TrialPhase.Counted,
        SentMessages = messages,
        AcknowledgedMessages = messages,
        ConsumedMessages = messages,
        ConsumedValueBytes = messages * 30,
        BrokerCpuSeconds = 0.9,
        GeneratorCpuSeconds = 1.05,
        DirtyBytes = 0,
    };
}
