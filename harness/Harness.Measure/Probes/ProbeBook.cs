using Results;

namespace Harness.Measure;

/// <summary>
/// Collects the passes of all probes and makes figures of them, in the order in which their subjects first came up. A probe that failed in one pass has
/// figures from the others. Belongs to the thread that measures.
/// </summary>
public sealed class ProbeBook
{
    private readonly List<ProbeSubject> _order = [];
    private readonly Dictionary<ProbeSubject, Passes> _passes = [];
    private readonly Dictionary<ProbeSubject, string> _missing = [];

    public void Add(ProbeSubject subject, double value, double? cpuSecondsPerGigabyte = null, double? servingCpuSecondsPerGigabyte = null)
    {
        ArgumentNullException.ThrowIfNull(subject);
        ArgumentOutOfRangeException.ThrowIfEqual(double.IsFinite(value), false, nameof(value));
        Passes passes = Of(subject);
        passes.Values.Add(value);
        if (cpuSecondsPerGigabyte is { } cpu)
        {
            passes.Cpu.Add(cpu);
        }

        if (servingCpuSecondsPerGigabyte is { } serving)
        {
            passes.Serving.Add(serving);
        }
    }

    /// <summary>It cannot be measured here, for this reason.</summary>
    public void Missing(ProbeSubject subject, string reason)
    {
        ArgumentNullException.ThrowIfNull(subject);
        Of(subject);
        _missing[subject] = reason;
    }

    public IReadOnlyList<ProbeFigure> Figures() => [.. _order.Select(Figure)];

    /// <summary>The middle one; of an even number the mean of the two in the middle. Null of none.</summary>
    internal static double? Median(IReadOnlyCollection<double> values)
    {
        double[] sorted = [.. values.Order()];
        return sorted.Length == 0 ? null : (sorted[sorted.Length / 2] + sorted[(sorted.Length - 1) / 2]) / 2;
    }

    private ProbeFigure Figure(ProbeSubject subject)
    {
        Passes passes = _passes[subject];
        return new ProbeFigure
        {
            Kind = subject.Kind,
            Group = subject.Group,
            Name = subject.Name,
            BlockBytes = subject.BlockBytes,
            Unit = subject.Unit,
            Median = Median(passes.Values),
            Passes = [.. passes.Values],
            CpuSecondsPerGigabyte = Median(passes.Cpu),
            ServingCpuSecondsPerGigabyte = Median(passes.Serving),
            NotMeasurable = passes.Values.Count > 0 ? null : _missing.GetValueOrDefault(subject),
        };
    }

    private Passes Of(ProbeSubject subject)
    {
        if (!_passes.TryGetValue(subject, out Passes? passes))
        {
            _order.Add(subject);
            _passes[subject] = passes = new Passes([], [], []);
        }

        return passes;
    }

    private sealed record Passes(List<double> Values, List<double> Cpu, List<double> Serving);
}
