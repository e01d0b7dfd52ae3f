using Engine.Linux;

namespace Harness.Measure.Doctor;

/// <summary>
/// Looks at the machine and says what will spoil a measurement. It reads, and changes nothing: the commands that mend are for
/// the user. Whether O_DIRECT works is tried with a file that never has a name.
/// </summary>
public static class Examination
{
    private const int DirectFlag = 0x4000;
    private const int NamelessFlag = 0x400000;
    private const double TicksPerSecond = 100;
    private static readonly TimeSpan LoadWindow = TimeSpan.FromSeconds(1);

    /// <summary>The worst first. Takes a second, in which it watches who else uses the machine.</summary>
    public static async Task<IReadOnlyList<Finding>> Examine(string dataDirectory, CancellationToken cancellation)
    {
        MachineReading reading = MachineProbe.Read(dataDirectory);
        string folder = MachineProbe.ExistingFolder(dataDirectory);
        (bool? works, string? reason) = TryDirectIo(folder);
        PseudoFiles files = new();
        return Check(new Patient(
            files,
            reading.Info,
            folder,
            await Watch(files, cancellation).ConfigureAwait(false),
            works,
            reason,
            Environment.GetEnvironmentVariable("PATH"),
            Environment.GetEnvironmentVariable("KAFKA_HOME")));
    }

    internal static IReadOnlyList<Finding> Check(Patient patient) =>
    [
        .. CpuChecks.All(patient)
            .Concat(MemoryChecks.All(patient))
            .Concat(StorageChecks.All(patient))
            .Concat(KernelChecks.All(patient))
            .Concat(ToolChecks.All(patient))
            .OrderByDescending(finding => finding.Severity),
    ];

    private static async Task<LoadSample?> Watch(PseudoFiles files, CancellationToken cancellation)
    {
        MachineSampler sampler = new(files);
        try
        {
            MachineSnapshot from = sampler.Sample();
            TimeSpan ownFrom = Environment.CpuUsage.TotalTime;
            await Task.Delay(LoadWindow, cancellation).ConfigureAwait(false);
            return Between(from, sampler.Sample(), Environment.CpuUsage.TotalTime - ownFrom);
        }
        catch (InvalidDataException)
        {
            // Said as "not known here" by the checks that need it.
            return null;
        }
    }

    /// <param name="own">CPU time of this process in between, which is nobody else's.</param>
    internal static LoadSample Between(MachineSnapshot from, MachineSnapshot to, TimeSpan own)
    {
        double seconds = (to.AtNanos - from.AtNanos) / 1e9;
        double busy = ((to.CpuTicks - from.CpuTicks) - (to.IdleTicks - from.IdleTicks) - (to.StealTicks - from.StealTicks)) / TicksPerSecond;
        return new LoadSample(seconds, seconds <= 0 ? 0 : Math.Max(0, busy - own.TotalSeconds) / seconds, MachineSnapshot.StealShare(from, to));
    }

    /// <summary>The file is opened without a name, so nothing is left behind whatever happens.</summary>
    private static (bool? Works, string? Reason) TryDirectIo(string folder)
    {
        const OpenFlags Nameless = OpenFlags.ReadWrite | OpenFlags.Directory | (OpenFlags)NamelessFlag;
        try
        {
            using FileDescriptor plain = Files.Open(folder, Nameless);
        }
        catch (LinuxException e)
        {
            return (null, $"no file can be opened for a trial in the data folder: {e.Message}");
        }

        try
        {
            using FileDescriptor direct = Files.Open(folder, Nameless | (OpenFlags)DirectFlag);
            return (true, null);
        }
        catch (LinuxException e)
        {
            return e.Error == Errno.EINVAL ? (false, null) : (null, e.Message);
        }
    }
}
