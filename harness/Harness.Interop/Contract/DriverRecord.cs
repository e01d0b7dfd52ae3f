namespace Harness.Interop.Contract;

/// <summary>A record as a test gives it to a client, or as a client hands it over; bytes go in base64.</summary>
internal sealed record DriverRecord
{
    public int Partition { get; init; }

    /// <summary>Of a consumed record; 0 in what is to be produced.</summary>
    public long Offset { get; init; }

    public byte[]? Key { get; init; }

    public byte[]? Value { get; init; }

    public IReadOnlyList<RecordHeader> Headers { get; init; } = [];

    /// <summary>Milliseconds since 1970; null leaves it to the client.</summary>
    public long? Timestamp { get; init; }
}
