using Confluent.Kafka;
using Harness.Interop.Contract;

namespace Harness.Interop.Confluent;

/// <summary>
/// A member of a group: says what it gets before it commits it, so that what it said stands even when it is killed in between. It
/// leaves when standard input ends.
/// </summary>
internal static class GroupMember
{
    private static readonly TimeSpan Poll = TimeSpan.FromMilliseconds(100);

    public static void Run(DriverRequest request)
    {
        using CancellationTokenSource ended = new();
        new Thread(() => CancelAtEndOfInput(ended)) { IsBackground = true }.Start();
        using IConsumer<byte[]?, byte[]?> consumer = new ConsumerBuilder<byte[]?, byte[]?>(new ConsumerConfig
        {
            BootstrapServers = request.Broker,
            GroupId = request.Group,
            SessionTimeoutMs = request.SessionTimeoutMs,
            HeartbeatIntervalMs = 500,
            AutoOffsetReset = AutoOffsetReset.Earliest,
            EnableAutoCommit = false,
            CheckCrcs = true,
        })
            .SetPartitionsAssignedHandler((_, partitions) => Program.Say(new MemberEvent
            {
                Event = MemberEvent.Assigned,
                Partitions = [.. partitions.Select(partition => partition.Partition.Value)],
            }))
            .Build();
        consumer.Subscribe(request.Topic);
        while (!ended.IsCancellationRequested)
        {
            if (consumer.Consume(Poll) is { } result)
            {
                Program.Say(new MemberEvent { Event = MemberEvent.Received, Partition = result.Partition, Offset = result.Offset, Value = result.Message.Value });
                Commit(consumer, result);
            }
        }

        consumer.Close();
        Program.Say(new MemberEvent { Event = MemberEvent.Left });
    }

    private static void CancelAtEndOfInput(CancellationTokenSource ended)
    {
        while (Console.In.ReadLine() is not null)
        {
            // Nothing more is said to a member.
        }

        ended.Cancel();
    }

    /// <summary>A commit may fail while the group rebalances: then the record comes again, to whoever has the partition next.</summary>
    private static void Commit(IConsumer<byte[]?, byte[]?> consumer, ConsumeResult<byte[]?, byte[]?> result)
    {
        try
        {
            consumer.Commit(result);
            Program.Say(new MemberEvent { Event = MemberEvent.Committed, Partition = result.Partition, Offset = result.Offset + 1 });
        }
        catch (KafkaException e)
        {
            Program.Say(new MemberEvent { Event = MemberEvent.CommitFailed, Partition = result.Partition, Reason = e.Error.ToString() });
        }
    }
}
