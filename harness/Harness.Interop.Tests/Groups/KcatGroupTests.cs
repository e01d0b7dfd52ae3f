using Harness.Interop.Tests.Brokers;
using Harness.Interop.Tests.Clients;

namespace Harness.Interop.Tests.Groups;

/// <summary>Groups of kcat.</summary>
public sealed class KcatGroupTests(World world) : GroupTests(world, ClientTable.Kcat);
