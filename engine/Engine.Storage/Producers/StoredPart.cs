namespace Engine.Storage;

/// <summary>The records at the begin of a producer's batch that are in the log, when the rest is not.</summary>
/// <param name="Records">How many.</param>
/// <param name="FirstOffset">The offset of the first.</param>
internal readonly record struct StoredPart(int Records, long FirstOffset);
