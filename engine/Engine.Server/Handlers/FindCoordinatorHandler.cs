using Engine.Wire;

namespace Engine.Server;

/// <summary>FindCoordinator: the one broker, for every group; transactions have none yet.</summary>
internal sealed class FindCoordinatorHandler(ClusterInfo cluster)
{
    private const sbyte GroupKey = 0;
    private const sbyte TransactionKey = 1;
    private const short FirstBatched = 4;

    public HandlerResult Handle(Connection connection, RequestHeader header, WireReader body)
    {
        FindCoordinatorRequest request = ControlAnswer.Read<FindCoordinatorRequest>(body, header.Version, GroupLimits.FindRequestBytesMax);
        FindCoordinatorResponse response = new();
        if (header.Version >= FirstBatched)
        {
            response.Coordinators = [.. request.Keys.Select(key => Find(request.KeyType, key))];
        }
        else
        {
            CoordinatorResult found = Find(request.KeyType, request.Key);
            response.Error = found.Error;
            response.ErrorMessage = found.ErrorMessage;
            response.NodeId = found.NodeId;
            response.Host = found.Host;
            response.Port = found.Port;
        }

        return ControlAnswer.Send(connection, header, response);
    }

    private CoordinatorResult Find(sbyte keyType, string key) => keyType switch
    {
        GroupKey => new CoordinatorResult { Key = key, NodeId = cluster.NodeId, Host = cluster.Host, Port = cluster.Port },

        // An error that is final: one that says "later" would keep a transactional producer waiting for its whole timeout.
        TransactionKey => Refuse(key, ErrorCode.TransactionalIdAuthorizationFailed, "transactions are not supported by this broker"),
        _ => Refuse(key, ErrorCode.InvalidRequest, $"unknown type of coordinator {keyType}"),
    };

    private static CoordinatorResult Refuse(string key, ErrorCode error, string message) =>
        new() { Key = key, NodeId = -1, Port = -1, Error = error, ErrorMessage = message };
}
