using System.Globalization;
using System.Text;
using Engine.Linux;

namespace Harness.Measure.Doctor;

/// <summary>What the kernel shows and allows: tracepoints, counters, clock, open files, loopback.</summary>
internal static class KernelChecks
{
    private const string ClockFolder = "/sys/devices/system/clocksource/clocksource0";
    private const long OpenFilesLeast = 4096;
    private const int PortsLeast = 5000;
    private const int LoopbackMtuLeast = 65_536;
    private const int CapabilitySysAdmin = 21;
    private const int CapabilityPerfmon = 38;

    private static readonly string[] GoodClocks = ["tsc", "kvm-clock", "arch_sys_counter", "hyperv_clocksource_tsc_page", "riscv_clocksource"];

    internal static IEnumerable<Finding> All(Patient patient) =>
        [Tracefs(patient), Perf(patient), Clock(patient), OpenFiles(patient), Loopback(patient), Congestion(patient), Ports(patient), Virtualised(patient)];

    private static Finding Tracefs(Patient patient)
    {
        const string Effect = "system calls cannot be counted from outside: which technique a broker uses stays unproved";
        string[] points = ["/sys/kernel/tracing", "/sys/kernel/debug/tracing"];
        return points.Any(point => patient.Files.List($"{point}/events").Length > 0)
            ? Finding.Fine("kernel.tracefs", "mounted and readable")
            : points.Any(point => patient.Files.Exists($"{point}/events"))
            ? new Finding("kernel.tracefs", Severity.Warning, "tracefs is mounted, its events may not be read", Effect, TraceEvents.AllowReading(points[0]))
            : new Finding("kernel.tracefs", Severity.Warning, "tracefs is not mounted, or not shown to this user", Effect, TraceEvents.Mount(points[0]));
    }

    private static Finding Perf(Patient patient)
    {
        string? text = patient.Files.ReadText("/proc/sys/kernel/perf_event_paranoid");
        if (!int.TryParse(text, CultureInfo.InvariantCulture, out int level))
        {
            return Finding.NotKnown("kernel.perf", "/proc/sys/kernel/perf_event_paranoid cannot be read");
        }

        string capabilities = Encoding.UTF8.GetString(Fields.After(patient.Files.Read("/proc/self/status"), "CapEff"u8));
        bool privileged = ulong.TryParse(capabilities, NumberStyles.HexNumber, CultureInfo.InvariantCulture, out ulong set)
            && (set & ((1UL << CapabilitySysAdmin) | (1UL << CapabilityPerfmon))) != 0;
        return privileged || level <= -1
            ? Finding.Fine("kernel.perf", $"perf_event_paranoid {level}{(privileged ? ", and this user is above it" : "")}")
            : new Finding(
                "kernel.perf",
                Severity.Warning,
                $"perf_event_paranoid {level}",
                "this user may not read tracepoints: system calls of a broker are not counted",
                "sudo sysctl -w kernel.perf_event_paranoid=-1");
    }

    private static Finding Clock(Patient patient)
    {
        string? current = patient.Files.ReadText($"{ClockFolder}/current_clocksource");
        if (current is null)
        {
            return Finding.NotKnown("kernel.clock", $"{ClockFolder} cannot be read");
        }

        string[] available = (patient.Files.ReadText($"{ClockFolder}/available_clocksource") ?? "").Split(' ');
        return GoodClocks.Contains(current)
            ? Finding.Fine("kernel.clock", current)
            : new Finding(
                "kernel.clock",
                Severity.Warning,
                $"clock source {current}",
                "reading the time is a system call, or a slow device: every stamp costs up to a microsecond",
                GoodClocks.FirstOrDefault(available.Contains) is string better ? $"echo {better} | sudo tee {ClockFolder}/current_clocksource" : null);
    }

    private static Finding OpenFiles(Patient patient)
    {
        ReadOnlySpan<byte> line = Fields.After(patient.Files.Read("/proc/self/limits"), "Max open files"u8);
        if (!line.StartsWith("unlimited"u8) && Fields.Column(line, 0) is null)
        {
            return Finding.NotKnown("kernel.files", "/proc/self/limits cannot be read");
        }

        long limit = line.StartsWith("unlimited"u8) ? long.MaxValue : Fields.Column(line, 0)!.Value;
        return limit >= OpenFilesLeast
            ? Finding.Fine("kernel.files", limit == long.MaxValue ? "no limit of open files" : $"{limit} open files")
            : new Finding(
                "kernel.files", Severity.Warning, $"at most {limit} open files", "many partitions or connections end in errors of the limit", "ulimit -n 65536");
    }

    private static Finding Loopback(Patient patient) => int.TryParse(
        patient.Files.ReadText("/sys/class/net/lo/mtu"), CultureInfo.InvariantCulture, out int mtu)
        ? mtu >= LoopbackMtuLeast
            ? Finding.Fine("network.loopback", $"MTU {mtu}")
            : new Finding(
                "network.loopback", Severity.Warning, $"MTU {mtu}", "large sends are cut into many packets: more CPU a byte than elsewhere", $"sudo ip link set lo mtu {LoopbackMtuLeast}")
        : Finding.NotKnown("network.loopback", "/sys/class/net/lo/mtu cannot be read");

    /// <summary>Pacing is BBR's alone of the algorithms in the kernel (net/ipv4, sk_pacing_status). Our own connections choose for themselves: <see cref="Sockets.SendAtOnce"/>.</summary>
    private static Finding Congestion(Patient patient) => patient.Machine.Kernel.CongestionControl switch
    {
        null => Finding.NotKnown("network.congestion", $"{MachineProbe.CongestionControlFile} cannot be read"),
        string name when name.StartsWith("bbr", StringComparison.Ordinal) => new Finding(
            "network.congestion",
            Severity.Warning,
            $"TCP congestion control {name}",
            "it paces every connection by a timer, over loopback too: other brokers answer their consumers slower than they could, where the engine does not pace within the host",
            "sudo sysctl -w net.ipv4.tcp_congestion_control=cubic"),
        string name => Finding.Fine("network.congestion", name),
    };

    private static Finding Ports(Patient patient)
    {
        ReadOnlySpan<char> text = (patient.Files.ReadText("/proc/sys/net/ipv4/ip_local_port_range") ?? "").Replace('\t', ' ');
        byte[] line = Encoding.UTF8.GetBytes(text.ToArray());
        return Fields.Column(line, 0) is not long first || Fields.Column(line, 1) is not long last
            ? Finding.NotKnown("network.ports", "/proc/sys/net/ipv4/ip_local_port_range cannot be read")
            : last - first >= PortsLeast
            ? Finding.Fine("network.ports", $"{first} to {last}")
            : new Finding(
                "network.ports", Severity.Warning, $"only {first} to {last}", "trials with many connections run out of ports until closed ones are free again", "sudo sysctl -w net.ipv4.ip_local_port_range='32768 60999'");
    }

    private static Finding Virtualised(Patient patient) => patient.Machine.Cpu.Virtualisation switch
    {
        null => Finding.NotKnown("machine.virtual", "nothing tells whether this is a virtual machine"),
        "none" => Finding.Fine("machine.virtual", "no virtual machine"),
        string name => new Finding(
            "machine.virtual", Severity.Info, name.StartsWith("virtual", StringComparison.Ordinal) ? name : $"virtual machine: {name}", "page faults and timers cost more, and the host's other guests are not seen except as steal"),
    };
}
