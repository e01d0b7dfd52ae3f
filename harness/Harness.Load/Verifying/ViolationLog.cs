using Results;

namespace Harness.Load;

/// <summary>The kinds of <see cref="Violation.Kind"/>.</summary>
internal enum ViolationKind
{
    Lost,
    Duplicated,
    Reordered,
    Damaged,
}

/// <summary>
/// Counts violations by kind and keeps the first of them in detail. Messages that follow one another and met the same fate make one entry, so
/// that a batch that went missing is one line and not ten thousand. Belongs to whoever owns what it logs for.
/// </summary>
internal sealed class ViolationLog(int partition, string? group)
{
    /// <summary>Entries kept in detail.</summary>
    public const int KeptMax = 20;

    public static readonly IReadOnlyList<ViolationKind> Kinds = Enum.GetValues<ViolationKind>();

    private readonly long[] _counts = new long[4];
    private readonly List<Violation> _kept = [];
    private ViolationKind _lastKind;

    public IReadOnlyList<Violation> Kept => _kept;

    public long Count(ViolationKind kind) => _counts[(int)kind];

    /// <summary>Violations of all kinds: by its growth one sees that something was found.</summary>
    public long Total => _counts[0] + _counts[1] + _counts[2] + _counts[3];

    /// <param name="producer">−1 when not known.</param>
    /// <param name="sequence">Of the first message; −1 when not known.</param>
    public void Add(ViolationKind kind, long? offset, int producer, long sequence, long count, string detail)
    {
        _counts[(int)kind] += count;
        if (_kept.Count > 0 && _lastKind == kind && Continues(_kept[^1], offset, producer, sequence))
        {
            _kept[^1] = _kept[^1] with { Count = _kept[^1].Count + count };
        }
        else if (_kept.Count < KeptMax)
        {
            _lastKind = kind;
            _kept.Add(new Violation(
                kind.ToString().ToLowerInvariant(), partition, offset, producer, sequence, count, group is null ? detail : $"{group}: {detail}"));
        }
    }

    private static bool Continues(Violation last, long? offset, int producer, long sequence) =>
        last.Producer == producer
        && sequence >= 0
        && last.Sequence + last.Count == sequence
        && last.Offset + last.Count == offset;
}
