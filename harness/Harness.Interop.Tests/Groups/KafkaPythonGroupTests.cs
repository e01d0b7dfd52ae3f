using Harness.Interop.Tests.Brokers;
using Harness.Interop.Tests.Clients;

namespace Harness.Interop.Tests.Groups;

/// <summary>Groups of kafka-python.</summary>
public sealed class KafkaPythonGroupTests(World world) : GroupTests(world, ClientTable.KafkaPython);
