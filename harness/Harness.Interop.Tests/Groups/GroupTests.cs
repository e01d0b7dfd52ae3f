using System.Collections.Immutable;
using System.Text;
using Harness.Interop.Contract;
using Harness.Interop.Tests.Brokers;
using Harness.Interop.Tests.Clients;
using Harness.Interop.Tests.Running;
using Harness.Targets;

namespace Harness.Interop.Tests.Groups;

/// <summary>
/// Members of a group come, go and die while messages flow: each message reaches a member at least once, and what the group has committed
/// never goes back. A class for each client, so that the waiting for dead members is done at the same time.
/// </summary>
public abstract class GroupTests(World world, string client)
{
    private const int Partitions = 4;
    private const int MessagesAStep = 80;

    /// <summary>The least that Kafka takes.</summary>
    private static readonly TimeSpan SessionTimeout = TimeSpan.FromSeconds(6);

    private readonly List<string> _sent = [];

    public static IEnumerable<TheoryDataRow<string>> Brokers() => BrokerTable.Names.Select(name => new TheoryDataRow<string>(name));

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Theory]
    [MemberData(nameof(Brokers))]
    public async Task One_joins_one_leaves_one_is_killed(string broker)
    {
        IClient member = world.Client(client);
        _ = world.Client(ClientTable.Confluent); // Whichever is tested, this one produces and observes.
        BrokerAddress address = await world.BrokerWithAsync(broker, ApiKeys.JoinGroup);
        string topic = await world.CreateTopicAsync(address, Partitions, Cancel);
        string group = $"group-of-{topic}";
        await using DriverClient observer = ClientTable.CreateConfluent();
        await using CommittedWatch watch = new(observer, address, group, topic, Partitions, Cancel);

        await using IGroupMember first = await member.JoinAsync(address, group, topic, SessionTimeout, Cancel);
        await ProduceAsync(address, topic);
        await AllReceivedAsync("by the first alone", first);

        IGroupMember second = await member.JoinAsync(address, group, topic, SessionTimeout, Cancel);
        await using (second)
        {
            await SharedAsync(first, second);
            await ProduceAsync(address, topic);
            await AllReceivedAsync("by two", first, second);
            await second.LeaveAsync(Cancel);
        }

        await HasAllAsync("when the second has left", first);
        await ProduceAsync(address, topic);
        await AllReceivedAsync("when the second has left", first, second);

        IGroupMember third = await member.JoinAsync(address, group, topic, SessionTimeout, Cancel);
        await using (third)
        {
            await SharedAsync(first, third);
            await ProduceAsync(address, topic);
            await third.KillAsync(Cancel);
        }

        await HasAllAsync("when the third was killed", first);
        await ProduceAsync(address, topic);
        await AllReceivedAsync("when the third was killed", first, second, third);
        await first.LeaveAsync(Cancel);

        Assert.Empty(await watch.EndAsync());
        Assert.True(watch.Looks > 1);
        Assert.Equal(
            Enumerable.Repeat((long)_sent.Count / Partitions, Partitions),
            await observer.CommittedAsync(address, group, topic, Partitions, Cancel));
    }

    /// <summary>A step's messages, spread over all partitions. By a client of its own: the one that is tested is tested as a member.</summary>
    private async Task ProduceAsync(BrokerAddress broker, string topic)
    {
        string[] values = [.. Enumerable.Range(_sent.Count, MessagesAStep).Select(number => $"{topic}-{number:00000}")];
        _sent.AddRange(values);
        IClient producer = world.Client(ClientTable.Confluent);
        DriverRecord[] records = [.. values.Select((value, index) => new DriverRecord { Partition = index % Partitions, Value = Encoding.UTF8.GetBytes(value) })];
        await producer.ProduceAsync(broker, topic, "none", acks: -1, records, Cancel);
    }

    private Task AllReceivedAsync(string when, params IGroupMember[] members) => Eventually.HoldsAsync(
        () => Lacking(members).Count == 0,
        () => $"{Lacking(members).Count} of {_sent.Count} messages were received {when}; assigned are {Assigned(members)}; the first that lacks is {Lacking(members)[0]}",
        Cancel);

    private List<string> Lacking(IGroupMember[] members) => [.. _sent.Except(members.SelectMany(member => member.Log.Received))];

    /// <summary>Both have partitions, none has the other's, and together they have all.</summary>
    private static Task SharedAsync(IGroupMember one, IGroupMember other) => Eventually.HoldsAsync(
        () => one.Log.Assigned.Length > 0 && other.Log.Assigned.Length > 0
            && one.Log.Assigned.Concat(other.Log.Assigned).Order().SequenceEqual(Enumerable.Range(0, Partitions)),
        () => $"the partitions were not shared: {Assigned([one, other])}",
        Cancel);

    private static Task HasAllAsync(string when, IGroupMember member) => Eventually.HoldsAsync(
        () => member.Log.Assigned.SequenceEqual(Enumerable.Range(0, Partitions)),
        () => $"one member has not all partitions {when}: {Assigned([member])}",
        Cancel);

    private static string Assigned(IEnumerable<IGroupMember> members) => string.Join(" and ", members.Select(member => Text(member.Log.Assigned)));

    private static string Text(ImmutableArray<int> partitions) => $"[{string.Join(", ", partitions)}]";
}
