namespace Engine.Storage;

/// <summary>A record that was written as a batch of its own and is not in the indexes yet.</summary>
/// <param name="Bytes">Of its batch.</param>
/// <param name="TimestampMs">The largest of its batch.</param>
internal readonly record struct WrittenRecord(int Bytes, long TimestampMs);
