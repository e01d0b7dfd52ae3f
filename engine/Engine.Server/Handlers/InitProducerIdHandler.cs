using Engine.Storage;
using Engine.Wire;

namespace Engine.Server;

/// <summary>
/// InitProducerId: a new id for every idempotent producer that asks. There are no transactions here, so a transactional id is refused with
/// what every client takes as final: at most other errors Java's and librdkafka's retry or abort, and would go on for ever.
/// (Kafka: TransactionCoordinator.handleInitProducerId.)
/// </summary>
internal sealed class InitProducerIdHandler(ProducerIdAllocator ids, ServerLog log)
{
    /// <summary>Kafka's default of <c>transaction.max.timeout.ms</c>.</summary>
    private const int TransactionTimeoutMaxMs = 15 * 60 * 1000;

    private const string ProducerIds = "producer-ids";

    public HandlerResult Handle(Connection connection, RequestHeader header, WireReader body)
    {
        InitProducerIdRequest request = ControlAnswer.Read<InitProducerIdRequest>(body, header.Version);
        InitProducerIdResponse response = new() { Error = Check(request) };
        if (response.Error == ErrorCode.None)
        {
            TryGive(response);
        }

        return ControlAnswer.Send(connection, header, response);
    }

    private static ErrorCode Check(InitProducerIdRequest request)
    {
        if ((request.ProducerId == RecordBatch.NoProducerId) != (request.ProducerEpoch == RecordBatch.NoProducerEpoch))
        {
            return ErrorCode.InvalidRequest;
        }

        return request switch
        {
            // Without a transactional id Kafka looks at nothing else, not even at the id that the producer has.
            { TransactionalId: null } => ErrorCode.None,
            { TransactionalId: "" } => ErrorCode.InvalidRequest,
            { TransactionTimeoutMs: <= 0 or > TransactionTimeoutMaxMs } => ErrorCode.InvalidTransactionTimeout,
            _ => ErrorCode.TransactionalIdAuthorizationFailed,
        };
    }

    private void TryGive(InitProducerIdResponse response)
    {
        try
        {
            response.ProducerId = ids.Next();
            response.ProducerEpoch = 0;
        }
        catch (IOException failure)
        {
            // Clients ask again at this one.
            log.StorageFailed("producer-id-failed", ProducerIds, failure);
            response.Error = ErrorCode.CoordinatorNotAvailable;
        }
    }
}
