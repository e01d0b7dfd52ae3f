using Results;

namespace Harness.Measure;

/// <summary>Sums over recorded calls: bytes by call and kind of descriptor, and whether writes to files go on where the last one ended.</summary>
internal static class MovedSums
{
    /// <param name="records">In the order of time.</param>
    /// <param name="missed">Calls known to have been made beside these.</param>
    internal static RecordedCalls Of(IReadOnlyList<RecordedCall> records, double seconds, long lost, long missed)
    {
        Dictionary<(string Call, string Kind), (long Calls, long Bytes)> moved = [];
        WritePositions positions = new();
        ClosedDescriptors closed = new(records);
        long bytes = 0;
        int losses = 0;
        foreach (RecordedCall taken in records)
        {
            RecordedCall record = closed.Hides(taken) ? taken with { Link = null } : taken;
            losses += record.Call switch { RecordedCall.LossBegins => 1, RecordedCall.LossEnds => -1, _ => 0 };
            bool moves = record.Result > 0 && SystemCalls.Moving.Contains(record.Call);
            if (record.Call is RecordedCall.LossBegins or RecordedCall.LossEnds)
            {
                positions.Forget();
            }
            else if (moves && record.Link is null)
            {
                missed++;
                if (SystemCalls.MayWriteToFile(record.Call)) positions.Forget();
            }
            else
            {
                if (losses == 0) Follow(positions, record);
                if (!moves) continue;
                string kind = DescriptorLinks.IsSocket(record.Link!) ? "socket" : record.IsFile ? "file" : "other";
                (long calls, long sum) = moved.GetValueOrDefault((record.Call, kind));
                moved[(record.Call, kind)] = (calls + 1, sum + record.Result);
                bytes += record.WritesToFile ? record.Result : 0;
            }
        }

        return new RecordedCalls
        {
            Seconds = seconds,
            Lost = lost,
            Missed = missed,
            Moved =
            [
                .. moved.Select(m => new MovedBytes(m.Key.Call, m.Key.Kind, m.Value.Calls, m.Value.Bytes))
                    .OrderByDescending(m => m.Bytes).ThenBy(m => m.Call, StringComparer.Ordinal).ThenBy(m => m.Kind, StringComparer.Ordinal),
            ],
            Writes = new WriteOrder(positions.Files, positions.Compared, positions.Continuing, bytes)
            {
                ComparedBytes = positions.ComparedBytes,
                ContinuingBytes = positions.ContinuingBytes,
            },
        };
    }

    private static void Follow(WritePositions positions, RecordedCall record)
    {
        if (record.Call == SystemCalls.Close)
        {
            positions.Close(record.Descriptor);
        }
        else if (!record.IsFile || record.Result < 0 || DescriptorLinks.IsGivenUp(record.Link!))
        {
            return;
        }
        else if (record.Call == SystemCalls.Seek)
        {
            positions.Seek(record);
        }
        else if (record.Result > 0 && record.WritesToFile)
        {
            positions.Write(record);
        }
        else if (record.Result > 0 && SystemCalls.MovesCursor(record.Call))
        {
            positions.Pass(record);
        }
        else if (record.Result > 0 && SystemCalls.MayWriteToFile(record.Call))
        {
            // From a socket into a file, at a position that no argument tells.
            positions.Forget();
        }
    }

    /// <summary>
    /// What a descriptor is, is looked at some milliseconds behind the call. Was it closed meanwhile, then what was seen may be another file under the same number.
    /// </summary>
    private sealed class ClosedDescriptors
    {
        /// <summary>When each descriptor was closed for the last time, by the batch in which that was read.</summary>
        private readonly Dictionary<(int Descriptor, int Batch), long> _at = [];

        internal ClosedDescriptors(IReadOnlyList<RecordedCall> records)
        {
            foreach (RecordedCall record in records.Where(record => record.Call == SystemCalls.Close))
            {
                _at[(record.Descriptor, record.Batch)] = record.AtNanos;
            }
        }

        /// <summary>A close that is read with the next batch may have come before the look, too.</summary>
        internal bool Hides(RecordedCall record) => record.AtNanos < Math.Max(
            _at.GetValueOrDefault((record.Descriptor, record.Batch), long.MinValue),
            _at.GetValueOrDefault((record.Descriptor, record.Batch + 1), long.MinValue));
    }
}
