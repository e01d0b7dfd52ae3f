using System.Text;
using Engine.Wire;

namespace Harness.Load;

/// <summary>
/// The broker, or the way to it, failed: refused, closed, answered an error or something that is not the protocol. The message is
/// one line that names API, error, partition and address as far as they are known, fit to be shown as it is.
/// </summary>
public sealed class BrokerException : Exception
{
    public BrokerException(string address, string api, string cause, int? partition = null, ErrorCode? error = null, Exception? inner = null)
        : base(Line(address, api, cause, partition), inner)
    {
        Address = address;
        Api = api;
        Partition = partition;
        Error = error;
    }

    /// <summary>The same failure, thrown again on another thread.</summary>
    internal BrokerException(BrokerException first)
        : base(first.Message, first)
    {
        Address = first.Address;
        Api = first.Api;
        Partition = first.Partition;
        Error = first.Error;
    }

    /// <summary>host:port.</summary>
    public string Address { get; }

    /// <summary>The request that failed: Produce, Fetch, ListOffsets, connect.</summary>
    public string Api { get; }

    public int? Partition { get; }

    /// <summary>The protocol's error, where there was one.</summary>
    public ErrorCode? Error { get; }

    /// <summary>An error that the broker answered with, by Kafka's name.</summary>
    internal static BrokerException Answered(string address, string api, int? partition, ErrorCode error) =>
        new(address, api, $"{KafkaName(error)} ({(short)error})", partition, error);

    /// <summary>NOT_LEADER_OR_FOLLOWER for NotLeaderOrFollower: the name that Kafka's tools and logs use.</summary>
    internal static string KafkaName(ErrorCode error)
    {
        if (!Enum.IsDefined(error))
        {
            return "error code";
        }

        StringBuilder name = new();
        foreach (char c in error.ToString())
        {
            if (char.IsAsciiLetterUpper(c) && name.Length > 0)
            {
                name.Append('_');
            }

            name.Append(char.ToUpperInvariant(c));
        }

        return name.ToString();
    }

    private static string Line(string address, string api, string cause, int? partition) =>
        partition is null ? $"{api} at {address}: {cause}" : $"{api} of partition {partition} at {address}: {cause}";
}
