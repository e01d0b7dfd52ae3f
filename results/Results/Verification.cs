namespace Results;

/// <summary>
/// What became of every message of a trial, warm-up and drain included. Any of the four counts above zero voids the figures.
/// </summary>
public sealed record Verification
{
    /// <summary>How deep the check went, in a sentence: every byte, or count, order and batch checksum only (values under 20 bytes).</summary>
    public required string Depth { get; init; }

    public required long Sent { get; init; }
    public required long Acknowledged { get; init; }

    /// <summary>Per group; with several groups the sum.</summary>
    public required long Delivered { get; init; }

    /// <summary>Acknowledged, or sent where acks are off, and never delivered.</summary>
    public required long Lost { get; init; }
    public required long Duplicated { get; init; }
    public required long Reordered { get; init; }

    /// <summary>Wrong bytes in a value, wrong CRC, unreadable batch, or a message nobody sent.</summary>
    public required long Damaged { get; init; }

    /// <summary>Sent, never acknowledged, never delivered: not a promise broken.</summary>
    public required long Unacknowledged { get; init; }

    /// <summary>False when the trial ended before all that was acknowledged could be read (interrupt, failed target): the absence of loss is then unproved.</summary>
    public required bool Complete { get; init; }

    /// <summary>The first violations found (at most 20), each with partition, offset, producer and sequence.</summary>
    public required IReadOnlyList<Violation> Violations { get; init; }

    public bool Passed => Complete && !Violated;
    public bool Violated => Lost + Duplicated + Reordered + Damaged > 0;
}

/// <param name="Kind">lost, duplicated, reordered or damaged.</param>
/// <param name="Offset">Of the first message concerned; null where it has none (a lost message never acknowledged).</param>
/// <param name="Detail">One sentence: what was expected and what was found.</param>
public sealed record Violation(string Kind, int Partition, long? Offset, int Producer, long Sequence, long Count, string Detail);
