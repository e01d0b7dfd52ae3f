namespace Engine.Storage;

/// <summary>An append to a partition whose topic has been deleted meanwhile.</summary>
public sealed class LogDeletedException(string log) : Exception($"{log}: the topic was deleted")
{
}

/// <summary>A file of the log does not hold what the log knows it to hold; the message names file and position.</summary>
public sealed class CorruptLogException(string message) : IOException(message)
{
}
