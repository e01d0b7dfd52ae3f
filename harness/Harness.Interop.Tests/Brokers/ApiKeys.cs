namespace Harness.Interop.Tests.Brokers;

/// <summary>The protocol's keys of what clients and tools ask for, beyond producing and consuming.</summary>
internal static class ApiKeys
{
    public const short JoinGroup = 11;
    public const short ListGroups = 16;
    public const short DeleteRecords = 21;
    public const short InitProducerId = 22;
    public const short CreatePartitions = 37;
    public const short IncrementalAlterConfigs = 44;
    public const short OffsetDelete = 47;
}
