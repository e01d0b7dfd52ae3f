using Harness.Interop.Tests.Brokers;
using Harness.Interop.Tests.Clients;

namespace Harness.Interop.Tests.Groups;

/// <summary>Groups of Confluent.Kafka.</summary>
public sealed class ConfluentGroupTests(World world) : GroupTests(world, ClientTable.Confluent);
