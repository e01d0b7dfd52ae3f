using System.Globalization;
using System.Text;
using Results;

namespace Harness.Measure;

/// <summary>The processors this process may use: model, topology, caches, governor.</summary>
internal static class CpuProbe
{
    private const string Cpus = "/sys/devices/system/cpu";

    internal static CpuInfo Read(PseudoFiles files, List<string> notes)
    {
        IReadOnlyList<int> allowed = Fields.List(
            Encoding.UTF8.GetString(Fields.After(files.Read("/proc/self/status"), "Cpus_allowed_list"u8)));
        if (allowed.Count == 0)
        {
            notes.Add("Not readable here: the processors this process may use; taken from the runtime.");
            allowed = [.. Enumerable.Range(0, Environment.ProcessorCount)];
        }

        return new CpuInfo
        {
            Model = ReadModel(files) ?? notes.Unknown("processor model"),
            Count = allowed.Count,
            Sockets = ReadSockets(files, allowed) ?? notes.MissingValue<int>("number of sockets"),
            NumaNodes = ReadNumaNodes(files) ?? notes.MissingValue<int>("number of NUMA nodes"),
            L1DataBytes = ReadCache(files, allowed[0], 1) ?? notes.MissingValue<long>("size of the L1 data cache"),
            L2Bytes = ReadCache(files, allowed[0], 2) ?? notes.MissingValue<long>("size of the L2 cache"),
            L3Bytes = ReadCache(files, allowed[0], 3) ?? notes.MissingValue<long>("size of the L3 cache"),
            Governor = ReadGovernor(files, allowed) ?? notes.Missing("frequency governor"),
            Virtualisation = Virtualisation.Read(files) ?? notes.Missing("whether the machine is a virtual one"),
            QuotaCpus = CgroupQuota.Read(files),
        };
    }

    /// <summary>x86 has a model name; ARM mostly has numbers of implementer and part only, a few boards a name of their own.</summary>
    private static string? ReadModel(PseudoFiles files)
    {
        byte[] cpuinfo = files.Read("/proc/cpuinfo").ToArray();
        if (Value("model name"u8) is string model)
        {
            return model;
        }

        return Value("CPU implementer"u8) is string implementer && Value("CPU part"u8) is string part
            ? $"ARM implementer {implementer} part {part}"
            : Value("cpu model"u8) ?? Value("uarch"u8) ?? Value("cpu\t"u8);

        string? Value(ReadOnlySpan<byte> name)
        {
            string value = Encoding.UTF8.GetString(Fields.After(cpuinfo, name));
            return value.Length == 0 ? null : value;
        }
    }

    private static int? ReadSockets(PseudoFiles files, IReadOnlyList<int> allowed)
    {
        HashSet<string> packages = [];
        foreach (int cpu in allowed)
        {
            // −1 is what some ARM machines say for "not known".
            if (files.ReadText($"{Cpus}/cpu{cpu}/topology/physical_package_id") is string package && package != "-1")
            {
                packages.Add(package);
            }
        }

        return packages.Count > 0 ? packages.Count : null;
    }

    private static int? ReadNumaNodes(PseudoFiles files)
    {
        int nodes = Fields.List(files.ReadText("/sys/devices/system/node/online")).Count;
        return nodes > 0 ? nodes : null;
    }

    private static long? ReadCache(PseudoFiles files, int cpu, int level)
    {
        foreach (string name in files.List($"{Cpus}/cpu{cpu}/cache"))
        {
            string cache = $"{Cpus}/cpu{cpu}/cache/{name}";
            if (files.ReadText($"{cache}/level") == level.ToString(CultureInfo.InvariantCulture)
                && files.ReadText($"{cache}/type") is not "Instruction"
                && files.ReadText($"{cache}/size") is string size)
            {
                return ParseSize(size);
            }
        }

        return null;
    }

    private static long? ParseSize(string size)
    {
        int shift = size[^1] switch
        {
            'K' => 10,
            'M' => 20,
            'G' => 30,
            _ => 0,
        };
        return long.TryParse(shift == 0 ? size : size[..^1], CultureInfo.InvariantCulture, out long number) ? number << shift : null;
    }

    /// <summary>Every governor in use by the allowed processors: two of them are a finding of their own.</summary>
    private static string? ReadGovernor(PseudoFiles files, IReadOnlyList<int> allowed)
    {
        SortedSet<string> governors = new(StringComparer.Ordinal);
        foreach (int cpu in allowed)
        {
            if (files.ReadText($"{Cpus}/cpu{cpu}/cpufreq/scaling_governor") is string governor)
            {
                governors.Add(governor);
            }
        }

        return governors.Count > 0 ? string.Join(", ", governors) : null;
    }
}
