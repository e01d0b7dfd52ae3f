using Results;

namespace Harness.Load;

/// <summary>
/// What can be proved where batches are replayed and not unpacked: that the log holds as many records as were acknowledged, that acknowledged offsets
/// never went back, and that the offsets of the batches read went on without a gap. Never what was in them. Drawn when all workers have ended.
/// </summary>
internal static class ReplayVerdict
{
    /// <param name="ends">Where the logs end, in the order of partitions; null where they could not be asked.</param>
    /// <param name="complete">True when all that was acknowledged had its chance to be read.</param>
    public static Verification Draw(
        ReplayPlan plan, IReadOnlyList<ReplayProducer> producers, IReadOnlyList<RawConsumer> consumers, IReadOnlyList<long>? ends, bool complete)
    {
        long[] acknowledged = new long[plan.Partitions];
        foreach (ReplayConnection connection in producers.SelectMany(static producer => producer.Connections))
        {
            for (int i = 0; i < connection.Partitions.Count; i++)
            {
                acknowledged[connection.Partitions[i]] += connection.Acknowledged(i);
            }
        }

        List<Violation> violations = [];
        for (int partition = 0; partition < plan.Partitions && ends is not null; partition++)
        {
            long end = ends[partition];
            long expected = acknowledged[partition];
            if (end < expected)
            {
                Add("lost", partition, end, expected - end, $"{expected} records were acknowledged, and the log ends at offset {end}");
            }
            else if (end > expected && complete)
            {
                Add("duplicated", partition, expected, end - expected, $"{expected} records were acknowledged, and the log ends at offset {end}");
            }
        }

        long overlaps = producers.SelectMany(static producer => producer.Connections).Sum(static connection => connection.Overlaps);
        if (overlaps > 0)
        {
            Add("reordered", 0, null, overlaps, "batches were acknowledged at offsets before those of earlier ones");
        }

        foreach (RawPartition partition in consumers.SelectMany(static consumer => consumer.Partitions))
        {
            AddRead("lost", partition, partition.Missing, "the offsets of the batches read have gaps");
            AddRead("duplicated", partition, partition.Repeated, "batches read begin before the offset asked for");
            AddRead("damaged", partition, partition.Damaged, "batches read are of another format, or count their records wrongly");
        }

        long sent = producers.Sum(static producer => producer.Sent.MessageCount);
        return new Verification
        {
            Depth = Depth(plan),
            Sent = sent,
            Acknowledged = acknowledged.Sum(),
            Delivered = consumers.Sum(static consumer => consumer.Consumed.MessageCount),
            Lost = Count("lost"),
            Duplicated = Count("duplicated"),
            Reordered = Count("reordered"),
            Damaged = Count("damaged"),
            Unacknowledged = sent - acknowledged.Sum(),
            Complete = complete && ends is not null,
            Violations = [.. violations.Take(ViolationLog.KeptMax)],
        };

        long Count(string kind) => violations.Where(violation => violation.Kind == kind).Sum(static violation => violation.Count);

        void Add(string kind, int partition, long? offset, long count, string detail) =>
            violations.Add(new Violation(kind, partition, offset, -1, -1, count, detail));

        void AddRead(string kind, RawPartition partition, long count, string detail)
        {
            if (count > 0)
            {
                Add(kind, partition.Index, null, count, detail);
            }
        }
    }

    private static string Depth(ReplayPlan plan)
    {
        string produced = "counts and offsets only, of batches encoded beforehand: as many records in the log as acknowledged";
        return plan.Groups == 0 ? $"{produced}; nothing was consumed"
            : $"{produced}, offsets of the batches read without a gap; no checksum, and no message was looked at{(plan.Rereads ? "; the same log read over and over" : "")}";
    }
}
