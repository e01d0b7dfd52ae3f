using Harness.Interop.Tests.Brokers;
using Harness.Interop.Tests.Clients;

namespace Harness.Interop.Tests.Groups;

/// <summary>Groups of kafkajs.</summary>
public sealed class KafkaJsGroupTests(World world) : GroupTests(world, ClientTable.KafkaJs);
