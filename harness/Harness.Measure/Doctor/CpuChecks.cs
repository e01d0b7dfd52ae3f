using System.Globalization;

namespace Harness.Measure.Doctor;

/// <summary>Clock frequency, number of processors, and who else uses them.</summary>
internal static class CpuChecks
{
    private const string Cpus = "/sys/devices/system/cpu";
    private const int SeparateCpus = 4;
    private const double OthersWarning = 0.05;
    private const double OthersCritical = 0.25;
    private const double StealWarning = 0.005;
    private const double StealCritical = 0.05;

    internal static IEnumerable<Finding> All(Patient patient) =>
        [Governor(patient), Turbo(patient), Count(patient), Quota(patient), Others(patient), LoadAverage(patient), Steal(patient)];

    private static Finding Governor(Patient patient) => patient.Machine.Cpu.Governor switch
    {
        null => Finding.NotKnown("cpu.governor", "the kernel shows no frequency governor (in a virtual machine the host decides)"),
        "performance" => Finding.Fine("cpu.governor", "performance"),
        string governor => new Finding(
            "cpu.governor",
            Severity.Warning,
            $"governor {governor}",
            "the clock follows the load: a light load runs slower than a heavy one, and latencies at low rates are too long",
            $"echo performance | sudo tee {Cpus}/cpu*/cpufreq/scaling_governor"),
    };

    private static Finding Turbo(Patient patient)
    {
        string? noTurbo = patient.Files.ReadText($"{Cpus}/intel_pstate/no_turbo");
        string? boost = patient.Files.ReadText($"{Cpus}/cpufreq/boost");
        return noTurbo is null && boost is null
            ? Finding.NotKnown("cpu.turbo", "the kernel shows no switch for it")
            : noTurbo == "1" || (noTurbo is null && boost == "0")
            ? Finding.Fine("cpu.turbo", "off")
            : new Finding(
                "cpu.turbo",
                Severity.Warning,
                "turbo is on",
                "the clock depends on temperature and on how many cores work: trials drift as the machine warms",
                noTurbo is null ? $"echo 0 | sudo tee {Cpus}/cpufreq/boost" : $"echo 1 | sudo tee {Cpus}/intel_pstate/no_turbo");
    }

    private static Finding Count(Patient patient)
    {
        int count = patient.Machine.Cpu.Count;
        return count >= SeparateCpus
            ? Finding.Fine("cpu.count", $"{count} CPUs")
            : new Finding(
                "cpu.count",
                count < 2 ? Severity.Critical : Severity.Warning,
                $"{count} CPU{(count == 1 ? "" : "s")} for generator, broker and consumer",
                count < 2
                    ? "generator and broker take turns on one CPU: latency is the scheduler's, not the broker's"
                    : "generator and broker cannot be kept apart: they take each other's CPU time, so a rate is that of both together");
    }

    private static Finding Quota(Patient patient)
    {
        int count = patient.Machine.Cpu.Count;
        CgroupLimit? quota = CgroupQuota.Find(patient.Files);
        if (patient.Files.ReadText("/proc/self/cgroup") is null)
        {
            return Finding.NotKnown("cpu.quota", "/proc/self/cgroup cannot be read");
        }

        return quota is null || quota.Value >= count
            ? Finding.Fine("cpu.quota", "control groups leave all CPUs")
            : new Finding(
                "cpu.quota",
                quota.Value < 1 ? Severity.Critical : Severity.Warning,
                string.Create(CultureInfo.InvariantCulture, $"control groups leave {quota.Value:0.##} of {count} CPUs"),
                "every thread stops until the next period when the quota is used up: pauses of tens of milliseconds in the tail",
                quota.Version2 ? $"echo max | sudo tee {quota.Folder}/cpu.max" : $"echo -1 | sudo tee {quota.Folder}/cpu.cfs_quota_us");
    }

    private static Finding Others(Patient patient)
    {
        if (patient.Load is not LoadSample load)
        {
            return Finding.NotKnown("load.others", "/proc/stat, /proc/meminfo or /proc/vmstat cannot be read");
        }

        double share = load.OtherCpus / patient.Machine.Cpu.Count;
        string message = string.Create(
            CultureInfo.InvariantCulture, $"others used {load.OtherCpus:0.00} of {patient.Machine.Cpu.Count} CPUs during {load.Seconds:0.0} s");
        return share < OthersWarning
            ? Finding.Fine("load.others", message)
            : new Finding(
                "load.others",
                share < OthersCritical ? Severity.Warning : Severity.Critical,
                message,
                "they take CPU time and cache from broker and generator, and not the same from one trial to the next",
                "top -b -n 1 -o %CPU | head -n 15");
    }

    private static Finding LoadAverage(Patient patient)
    {
        double? average = double.TryParse(
            patient.Files.ReadText("/proc/loadavg")?.Split(' ')[0], CultureInfo.InvariantCulture, out double load) ? load : null;
        int count = patient.Machine.Cpu.Count;
        return average is not double known
            ? Finding.NotKnown("load.average", "/proc/loadavg cannot be read")
            : known <= count / 2.0
            ? Finding.Fine("load.average", string.Create(CultureInfo.InvariantCulture, $"{known:0.00} over the last minute"))
            : new Finding(
                "load.average",
                Severity.Warning,
                string.Create(CultureInfo.InvariantCulture, $"{known:0.00} over the last minute on {count} CPUs"),
                "the machine was busy until now: turbo, caches and writeback may still feel it",
                "uptime");
    }

    private static Finding Steal(Patient patient)
    {
        if (patient.Load is not LoadSample load)
        {
            return Finding.NotKnown("load.steal", "/proc/stat cannot be read");
        }

        string message = string.Create(CultureInfo.InvariantCulture, $"{load.StealShare * 100:0.0} % of CPU time during {load.Seconds:0.0} s");
        return load.StealShare < StealWarning
            ? Finding.Fine("load.steal", message)
            : new Finding(
                "load.steal",
                load.StealShare < StealCritical ? Severity.Warning : Severity.Critical,
                $"the hypervisor took {message}",
                "the machine stands still while its neighbours run; only another host, or dedicated CPUs, ends it");
    }
}
