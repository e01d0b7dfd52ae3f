namespace Results;

/// <summary>
/// One record batch that was sent as raw bytes, and fetched, and found in the broker's file: how far what came back is what was sent. Base
/// offset and leader epoch are the broker's to set and are left out of the comparison; every other byte is compared.
/// </summary>
public sealed record BatchCheck
{
    public required string Target { get; init; }

    /// <summary>Records in the batch.</summary>
    public required int Records { get; init; }

    public required string Compression { get; init; }
    public required int BatchBytes { get; init; }

    /// <summary>True when the fetched bytes equal those sent; null when it could not be fetched.</summary>
    public bool? ServedEqual { get; init; }

    /// <summary>True when the bytes in the broker's file equal those sent; null where the file is not ours to read.</summary>
    public bool? StoredEqual { get; init; }

    /// <summary>What was found, in a sentence.</summary>
    public required string Finding { get; init; }
}
