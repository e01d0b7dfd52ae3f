using System.Text;
using Engine.Wire;

namespace Engine.Server;

/// <summary>
/// The requests of groups: read here, on the loop, answered by the groups' thread, written here. The connection is parked meanwhile, so the
/// request is met again in its receive buffer when the answer is there, and its header read once more.
/// </summary>
internal sealed class GroupsHandler(GroupThread groups)
{
    private const short FirstJoinWithNullProtocol = 7;
    private const int ClientIdAt = 8;

    /// <param name="frame">The whole request, for the client's id.</param>
    public HandlerResult Handle(Connection connection, RequestHeader header, WireReader body, ReadOnlySpan<byte> frame)
    {
        if (connection.GroupCall is not { } call)
        {
            call = new GroupCall(connection, ClientOf(connection, frame), Read(header, body), header.Version);
            connection.GroupCall = call;
            call.IsDoneOrWait(out _);
            groups.Post(call);
            return HandlerResult.Park;
        }

        if (!call.IsDoneOrWait(out object? response))
        {
            return HandlerResult.Park;
        }

        connection.GroupCall = null;
        connection.EndWait();
        return response is null ? HandlerResult.Close : Send(connection, header, response);
    }

    private static object Read(RequestHeader header, WireReader body) => (ApiKey)header.Key switch
    {
        ApiKey.OffsetCommit => Read<OffsetCommitRequest>(body, header.Version),
        ApiKey.OffsetFetch => Read<OffsetFetchRequest>(body, header.Version),
        ApiKey.JoinGroup => Read<JoinGroupRequest>(body, header.Version),
        ApiKey.Heartbeat => Read<HeartbeatRequest>(body, header.Version),
        ApiKey.LeaveGroup => Read<LeaveGroupRequest>(body, header.Version),
        ApiKey.SyncGroup => Read<SyncGroupRequest>(body, header.Version),
        ApiKey.DescribeGroups => Read<DescribeGroupsRequest>(body, header.Version),
        ApiKey.ListGroups => Read<ListGroupsRequest>(body, header.Version),
        ApiKey.DeleteGroups => Read<DeleteGroupsRequest>(body, header.Version),
        ApiKey.OffsetDelete => Read<OffsetDeleteRequest>(body, header.Version),
        _ => throw new InvalidOperationException($"{(ApiKey)header.Key} is not a request of groups"),
    };

    private static T Read<T>(WireReader body, short version)
        where T : class, IWireMessage<T>, new() => ControlAnswer.Read<T>(body, version, GroupLimits.RequestBytesMax);

    private static HandlerResult Send(Connection connection, RequestHeader header, object response)
    {
        switch (response)
        {
            case OffsetCommitResponse commit:
                return ControlAnswer.Send(connection, header, commit);
            case OffsetFetchResponse fetch:
                return ControlAnswer.Send(connection, header, fetch);
            case JoinGroupResponse join:
                join.ProtocolName ??= header.Version < FirstJoinWithNullProtocol ? "" : null;
                return ControlAnswer.Send(connection, header, join);
            case HeartbeatResponse heartbeat:
                return ControlAnswer.Send(connection, header, heartbeat);
            case LeaveGroupResponse leave:
                return ControlAnswer.Send(connection, header, leave);
            case SyncGroupResponse sync:
                return ControlAnswer.Send(connection, header, sync);
            case DescribeGroupsResponse describe:
                return ControlAnswer.Send(connection, header, describe);
            case ListGroupsResponse list:
                return ControlAnswer.Send(connection, header, list);
            case DeleteGroupsResponse delete:
                return ControlAnswer.Send(connection, header, delete);
            case OffsetDeleteResponse delete:
                return ControlAnswer.Send(connection, header, delete);
            default:
                throw new InvalidOperationException($"{response.GetType().Name} is not an answer of groups");
        }
    }

    /// <summary>As Kafka describes clients: the id they gave, and their address behind a slash.</summary>
    private static GroupClient ClientOf(Connection connection, ReadOnlySpan<byte> frame)
    {
        WireReader header = new(frame[ClientIdAt..]);
        string id = Encoding.UTF8.GetString(header.ReadStringBytes(out _));
        return new GroupClient(id.Length <= GroupLimits.ClientIdChars ? id : id[..GroupLimits.ClientIdChars], $"/{connection.Peer?.Address}");
    }
}
