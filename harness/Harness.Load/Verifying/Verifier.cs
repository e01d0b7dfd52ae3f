using Engine.Wire;
using Results;

namespace Harness.Load;

/// <summary>
/// Proves for a whole trial, warm-up and drain included, that nothing was lost, doubled, reordered or damaged, and that every acknowledged
/// offset was delivered. It is made of parts that each belong to one worker: a <see cref="ProducerLedger"/> to each producer's thread, a
/// <see cref="PartitionVerifier"/> for each group and partition to the consumer's thread that reads it. They meet once a batch, in
/// <see cref="AckReconciler"/>. The verdict is drawn when all workers have ended.
/// </summary>
internal sealed class Verifier
{
    private readonly VerifierOptions _options;
    private readonly ProducerLedger[] _ledgers;
    private readonly PartitionVerifier[][] _groups;

    public Verifier(VerifierOptions options)
    {
        _options = options;
        bool identified = ValueLayout.HasIdentity(options.ValueBytes);
        _ledgers = new ProducerLedger[options.Producers];
        _groups = new PartitionVerifier[options.Groups][];
        for (int group = 0; group < options.Groups; group++)
        {
            string? name = options.Groups > 1 ? $"group {group}" : null;
            _groups[group] = new PartitionVerifier[options.Partitions];
            for (int partition = 0; partition < options.Partitions; partition++)
            {
                _groups[group][partition] = identified
                    ? new IdentifiedVerifier(options, partition, name, _ledgers)
                    : new AnonymousVerifier(options, partition, name, _ledgers);
            }
        }

        for (int producer = 0; producer < options.Producers; producer++)
        {
            _ledgers[producer] = new ProducerLedger(producer, options.Partitions, _groups, byOffset: !identified);
        }
    }

    /// <summary>False when of some batch delivered it is not known when it was due to be sealed. When all workers have ended.</summary>
    public bool KnowsSealTimes => Array.TrueForAll(_groups, static group => Array.TrueForAll(group, static partition => partition.KnowsSealTimes));

    public ProducerLedger Producer(int index) => _ledgers[index];

    public PartitionVerifier Partition(int group, int partition) => _groups[group][partition];

    /// <summary>Violations found by consumers so far, of the kinds that are asked for. Read while they count: a look, not a verdict.</summary>
    public long ViolationsSoFar => _groups.Sum(group => group.Sum(partition => ViolationLog.Kinds.Where(IsChecked).Sum(partition.Log.Count)));

    /// <summary>The verdict. When all workers have ended.</summary>
    /// <param name="complete">True when all that was acknowledged had its chance to be delivered.</param>
    public Verification Conclude(bool complete)
    {
        PartitionVerifier[] all = [.. _groups.SelectMany(group => group)];
        complete &= Array.TrueForAll(all, static partition => !partition.Stopped);
        long unacknowledged = all.Sum(partition => partition.Conclude(complete));
        ViolationLog[] logs = [.. all.SelectMany(partition => partition.Logs())];
        long sent = _ledgers.Sum(ledger => Partitions(ledger.SentThrough).Sum());
        long acknowledged = _ledgers.Sum(ledger => Partitions(partition => ledger.AcknowledgedSequences(partition).Count).Sum());
        return new Verification
        {
            Depth = Depth(),
            Sent = sent,
            Acknowledged = acknowledged,
            Delivered = all.Sum(partition => partition.Delivered),
            Lost = Count(ViolationKind.Lost),
            Duplicated = Count(ViolationKind.Duplicated),
            Reordered = Count(ViolationKind.Reordered),
            Damaged = Count(ViolationKind.Damaged),
            Unacknowledged = all.Length > 0 ? unacknowledged : _options.Acks == Acks.None ? 0 : sent - acknowledged,
            Complete = complete,
            Violations = [.. logs.SelectMany(log => log.Kept).Where(violation => IsChecked(Enum.Parse<ViolationKind>(violation.Kind, ignoreCase: true))).Take(ViolationLog.KeptMax)],
        };

        long Count(ViolationKind kind) => IsChecked(kind) ? logs.Sum(log => log.Count(kind)) : 0;
    }

    private bool IsChecked(ViolationKind kind) => kind switch
    {
        ViolationKind.Lost => _options.Checks.Loss,
        ViolationKind.Duplicated => _options.Checks.Duplicates,
        ViolationKind.Reordered => _options.Checks.Order,
        _ => true,
    };

    private IEnumerable<long> Partitions(Func<int, long> figure) => Enumerable.Range(0, _options.Partitions).Select(figure);

    private string Depth()
    {
        if (_options.Groups == 0)
        {
            return "acknowledgements only: nothing was consumed";
        }

        string checksum = _options.Checks.Checksum ? "batch checksum" : "no batch checksum";
        if (!ValueLayout.HasIdentity(_options.ValueBytes))
        {
            return $"count, order of offsets and {checksum} only: values below {ValueLayout.HeaderBytes} bytes carry no identity";
        }

        string stamp = _options.ValueBytes >= ValueLayout.WholeWordBytes
            ? ""
            : $"; the stamp only by {_options.ValueBytes - ValueLayout.HeaderBytes} bytes of filler made with it";
        return $"every byte of every message, order and offsets, {checksum}{stamp}";
    }
}
