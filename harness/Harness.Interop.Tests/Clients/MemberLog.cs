using System.Collections.Immutable;

namespace Harness.Interop.Tests.Clients;

/// <summary>What a member of a group says about itself. Written by whoever reads its output, read by the test.</summary>
internal sealed class MemberLog
{
    private readonly Lock _lock = new();
    private readonly List<string> _received = [];
    private ImmutableArray<int> _assigned = [];

    /// <summary>The partitions that it has; none before the first assignment.</summary>
    public ImmutableArray<int> Assigned
    {
        get
        {
            lock (_lock)
            {
                return _assigned;
            }
        }
    }

    /// <summary>The values that it got, as text, repetitions included.</summary>
    public IReadOnlyList<string> Received
    {
        get
        {
            lock (_lock)
            {
                return [.. _received];
            }
        }
    }

    public void Assign(IEnumerable<int> partitions)
    {
        lock (_lock)
        {
            _assigned = [.. partitions.Order()];
        }
    }

    public void Receive(string value)
    {
        lock (_lock)
        {
            _received.Add(value);
        }
    }
}
