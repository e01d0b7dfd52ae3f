namespace Engine.Storage;

/// <summary>Which of a log's oldest segments are to go: Kafka's rules. (Kafka: UnifiedLog.deleteOldSegments.)</summary>
internal static class LogRetention
{
    /// <summary>How many segments the log can do without and still hold what is to be kept.</summary>
    /// <param name="segments">Oldest first; an empty last one is never counted.</param>
    /// <param name="nowMs">For the age of segments; null leaves it out.</param>
    internal static int Count(ReadOnlySpan<LogSegment> segments, LogConfig config, long? nowMs)
    {
        int most = segments[^1].SizeBytes == 0 ? segments.Length - 1 : segments.Length;
        int dropped = 0;
        if (config.RetentionBytes >= 0)
        {
            long size = 0;
            foreach (LogSegment segment in segments)
            {
                size += segment.StoredBytes;
            }

            while (dropped < most && size - segments[dropped].StoredBytes >= config.RetentionBytes)
            {
                size -= segments[dropped++].StoredBytes;
            }
        }

        while (nowMs is { } now && config.RetentionMs >= 0 && dropped < most && now - segments[dropped].AgeTimestampMs > config.RetentionMs)
        {
            dropped++;
        }

        return dropped;
    }
}
