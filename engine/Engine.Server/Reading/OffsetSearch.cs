using Engine.Storage;

namespace Engine.Server;

/// <summary>
/// Offsets by timestamp for a ListOffsets request. Always read here and never on a loop: such a search may walk over headers of the whole log,
/// wherever they are.
/// </summary>
internal sealed class OffsetSearch : ColdRead
{
    /// <summary>Stands for the largest timestamp of the log.</summary>
    public const long LargestTimestamp = long.MinValue;

    private readonly Dictionary<(PartitionLog Log, long TimestampMs), OffsetFound?> _wanted = [];

    public OffsetSearch(Connection connection)
        : base(connection)
    {
    }

    /// <summary>Something was noted that has not been looked for.</summary>
    public bool HasUnread => _wanted.ContainsValue(null);

    /// <summary>Notes what is to be found.</summary>
    public void Add(PartitionLog log, long timestampMs) => _wanted.TryAdd((log, timestampMs), null);

    /// <summary>What was found, null when it was not looked for.</summary>
    public OffsetFound? Find(PartitionLog log, long timestampMs) =>
        State == ColdReadState.Done ? _wanted.GetValueOrDefault((log, timestampMs)) : null;

    public override void Reset()
    {
        base.Reset();
        _wanted.Clear();
        _wanted.TrimExcess();
    }

    protected override void Read(PageReader pages)
    {
        foreach (((PartitionLog log, long timestampMs), OffsetFound? known) in _wanted.ToArray())
        {
            if (known is not null)
            {
                continue;
            }

            OffsetFound found;
            try
            {
                found = new(timestampMs == LargestTimestamp ? log.OffsetOfMaxTimestamp() : log.OffsetForTimestamp(timestampMs), null);
            }
            catch (IOException failure)
            {
                found = new(null, failure);
            }

            _wanted[(log, timestampMs)] = found;
        }
    }
}

/// <summary>What a search brought: an offset, none, or why it could not be made.</summary>
internal sealed record OffsetFound(OffsetAndTimestamp? Offset, IOException? Failure);
