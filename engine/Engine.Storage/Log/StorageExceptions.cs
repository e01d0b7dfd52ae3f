namespace Engine.Storage;

/// <summary>An append to a partition whose topic has been deleted meanwhile.</summary>
public sealed class LogDeletedException(string log) : Exception($"{log}: the topic was deleted")
{
}

/// <summary>A file of the log does not hold what the log knows it to hold; the message names file and position.</summary>
public sealed class CorruptLogException(string message) : IOException(message)
{
}

/// <summary>The log's files have failed, or do not hold what they must; it is not served until the next start.</summary>
public sealed class LogOfflineException(string log, string reason) : IOException($"{log} is offline: {reason}")
{
}

/// <summary>Records are damaged or missing that were flushed: the log must not be cut there.</summary>
internal sealed class FlushedDataException(string fault, long recoveryPoint) : IOException(
    $"{fault}; records before the recovery point {recoveryPoint} were flushed and are damaged or missing. No file was changed."
    + $" To have the log cut there and served, take its line out of {LogMaintenance.RecoveryPointsFileName} while the engine is stopped")
{
}
