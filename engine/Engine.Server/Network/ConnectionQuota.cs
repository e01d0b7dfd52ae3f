using System.Net;

namespace Engine.Server;

/// <summary>
/// How many connections are open, all together and from each address, against <c>max.connections</c> and <c>max.connections.per.ip</c>.
/// The acceptor counts in, loops count out, so the count by address is locked; it is kept only where that limit is set.
/// </summary>
internal sealed class ConnectionQuota
{
    private readonly int _connectionsMax;
    private readonly int _perAddressMax;
    private readonly Dictionary<IPAddress, int>? _byAddress;
    private readonly Lock _lock = new();
    private int _open;
    private long _accepted;
    private long _refused;

    public ConnectionQuota(ServerConfig config)
    {
        _connectionsMax = config.MaxConnections;
        _perAddressMax = config.MaxConnectionsPerIp;
        _byAddress = _perAddressMax < int.MaxValue ? [] : null;
    }

    public int Open => Volatile.Read(ref _open);

    /// <summary>Connections let in, and turned away, since the start. Counted by the acceptor alone.</summary>
    public long Accepted => Volatile.Read(ref _accepted);

    public long Refused => Volatile.Read(ref _refused);

    /// <summary>Counts a new connection in; the limit that forbids it otherwise.</summary>
    public string? TryAdmit(IPAddress? address)
    {
        string? limit = Check(address);
        if (limit is null)
        {
            _accepted++;
        }
        else
        {
            _refused++;
        }

        return limit;
    }

    /// <param name="address">The one it was admitted with.</param>
    public void Release(IPAddress? address)
    {
        Interlocked.Decrement(ref _open);
        if (_byAddress is null || address is null)
        {
            return;
        }

        lock (_lock)
        {
            int left = _byAddress[address] - 1;
            if (left == 0)
            {
                _byAddress.Remove(address);
            }
            else
            {
                _byAddress[address] = left;
            }
        }
    }

    private string? Check(IPAddress? address)
    {
        if (Interlocked.Increment(ref _open) > _connectionsMax)
        {
            Interlocked.Decrement(ref _open);
            return $"max.connections ({_connectionsMax}) are open";
        }

        if (_byAddress is null || address is null)
        {
            return null;
        }

        lock (_lock)
        {
            int present = _byAddress.GetValueOrDefault(address);
            if (present < _perAddressMax)
            {
                _byAddress[address] = present + 1;
                return null;
            }
        }

        Interlocked.Decrement(ref _open);
        return $"max.connections.per.ip ({_perAddressMax}) are open";
    }
}
