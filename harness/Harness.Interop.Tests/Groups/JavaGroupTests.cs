using Harness.Interop.Tests.Brokers;
using Harness.Interop.Tests.Clients;

namespace Harness.Interop.Tests.Groups;

/// <summary>Groups of the Java client.</summary>
public sealed class JavaGroupTests(World world) : GroupTests(world, ClientTable.Java);
