using Engine.Wire;

namespace Engine.Server;

/// <summary>What was found of the batch sent for one partition.</summary>
internal readonly record struct BatchVerdict
{
    public ErrorCode Error { get; init; }

    /// <summary>More for the client than the error says; a string that is there already, never one made for the batch.</summary>
    public string? Message { get; init; }

    /// <summary>Bytes of the batch: a batch cut short behind it, as Kafka does, is not stored.</summary>
    public int Bytes { get; init; }

    /// <summary>The largest timestamp of its records, or what the header says of it where they were not looked at.</summary>
    public long MaxTimestampMs { get; init; }

    public static BatchVerdict Refused(ErrorCode error, string? message = null) => new() { Error = error, Message = message };
}
