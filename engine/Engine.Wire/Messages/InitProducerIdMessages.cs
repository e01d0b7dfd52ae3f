namespace Engine.Wire;

public sealed class InitProducerIdRequest : IWireMessage<InitProducerIdRequest>
{
    /// <summary>Null for a producer that is idempotent but not transactional.</summary>
    public string? TransactionalId;
    public int TransactionTimeoutMs;
    public long ProducerId = RecordBatch.NoProducerId;
    public short ProducerEpoch = RecordBatch.NoProducerEpoch;

    public static void Describe<TIo>(ref TIo io, InitProducerIdRequest message, short version)
        where TIo : IMessageIo, allows ref struct
    {
        io.NullableString(ref message.TransactionalId);
        io.Int32(ref message.TransactionTimeoutMs);
        if (version >= 3)
        {
            io.Int64(ref message.ProducerId);
            io.Int16(ref message.ProducerEpoch);
        }

        io.Tags();
    }
}

public sealed class InitProducerIdResponse : IWireMessage<InitProducerIdResponse>
{
    public int ThrottleTimeMs;
    public ErrorCode Error;
    public long ProducerId = RecordBatch.NoProducerId;
    public short ProducerEpoch = RecordBatch.NoProducerEpoch;

    public static void Describe<TIo>(ref TIo io, InitProducerIdResponse message, short version)
        where TIo : IMessageIo, allows ref struct
    {
        io.Int32(ref message.ThrottleTimeMs);
        io.Error(ref message.Error);
        io.Int64(ref message.ProducerId);
        io.Int16(ref message.ProducerEpoch);
        io.Tags();
    }
}
