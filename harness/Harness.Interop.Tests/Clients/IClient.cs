using Harness.Interop.Contract;
using Harness.Targets;

namespace Harness.Interop.Tests.Clients;

/// <summary>A client that nobody here wrote.</summary>
internal interface IClient : IAsyncDisposable
{
    string Name { get; }

    /// <summary>What is not installed, with the command that installs it; null when all is there.</summary>
    string? Missing { get; }

    /// <summary>Some clients cannot say everything that the protocol can.</summary>
    bool CanProduce(DriverRecord record);

    /// <summary>Some cannot show everything either.</summary>
    bool CanConsume(DriverRecord record);

    /// <summary>Returns when all are acknowledged; throws when one was not.</summary>
    Task ProduceAsync(BrokerAddress broker, string topic, string codec, int acks, IReadOnlyList<DriverRecord> records, CancellationToken cancellation);

    /// <summary>Reads all partitions from their beginning until there are so many records; throws when they do not come.</summary>
    Task<IReadOnlyList<DriverRecord>> ConsumeAsync(BrokerAddress broker, string topic, int partitions, int count, CancellationToken cancellation);

    /// <summary>Starts a process that becomes a member of the group.</summary>
    Task<IGroupMember> JoinAsync(BrokerAddress broker, string group, string topic, TimeSpan sessionTimeout, CancellationToken cancellation);
}
