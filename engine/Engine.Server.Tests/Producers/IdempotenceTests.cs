using Engine.Wire;

namespace Engine.Server.Tests;

/// <summary>The promises to an idempotent producer, over stops of the whole process.</summary>
public sealed class IdempotenceTests
{
    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void A_producer_goes_on_after_a_restart_and_no_id_is_given_twice(bool clean)
    {
        using TemporaryDirectory data = new();
        HashSet<long> ids = [];
        long producer = -1;
        for (int round = 0; round < 3; round++)
        {
            using EngineProcess engine = EngineProcess.Start(data.Path);
            using TestClient client = new(engine.EndPoint);
            if (round == 0)
            {
                client.CreateTopic("orders");
                producer = client.NewProducerId();
                ids.Add(producer);
            }

            for (int i = 0; i < 1100; i++)
            {
                Assert.True(ids.Add(client.NewProducerId()));
            }

            if (round > 0)
            {
                // All five that may have been in flight.
                for (int i = (10 * round) - 5; i < 10 * round; i++)
                {
                    Assert.Equal(new ProduceResult(0, ErrorCode.None, 2 * i), client.Produce("orders", Batches.Of(producer, 0, 2 * i, records: 2)));
                }

                Assert.Equal(ErrorCode.OutOfOrderSequenceNumber, client.Produce("orders", Batches.Of(producer, 0, (20 * round) + 1)).Error);
            }

            for (int i = 10 * round; i < 10 * (round + 1); i++)
            {
                Assert.Equal(new ProduceResult(0, ErrorCode.None, 2 * i), client.Produce("orders", Batches.Of(producer, 0, 2 * i, records: 2)));
            }

            if (clean)
            {
                Assert.Equal(0, engine.Terminate());
            }
            else
            {
                engine.Kill();
            }
        }
    }

    [Fact]
    public void Every_served_version_gives_a_producer_id()
    {
        using BatchValidationBroker engine = new();
        using TestClient client = engine.Connect();
        for (short version = 0; version <= 4; version++)
        {
            InitProducerIdResponse response = client.InitProducerId(null, 1000, version: version);
            Assert.Equal((ErrorCode.None, (long)version, (short)0), (response.Error, response.ProducerId, response.ProducerEpoch));
        }
    }

    /// <summary>Clients take this error as final; most others they repeat for ever.</summary>
    [Fact]
    public void Row_54_a_transactional_id_is_refused_for_good()
    {
        using BatchValidationBroker engine = new();
        using TestClient client = engine.Connect();
        Assert.Equal(ErrorCode.InvalidRequest, client.InitProducerId("", 1000).Error);
        Assert.Equal(ErrorCode.InvalidTransactionTimeout, client.InitProducerId("t", 900_001).Error);
        InitProducerIdResponse refused = client.InitProducerId("t", 900_000);
        Assert.Equal((ErrorCode.TransactionalIdAuthorizationFailed, -1L), (refused.Error, refused.ProducerId));
    }

    [Fact]
    public void A_producer_that_cannot_be_remembered_is_told_so()
    {
        using NarrowBroker engine = new();
        using TestClient client = engine.Connect();
        string topic = engine.NewTopic(client);
        Assert.Equal(ErrorCode.None, client.Produce(topic, Batches.Of(1, 0, 0)).Error);
        Assert.Equal(ErrorCode.None, client.Produce(topic, Batches.Of(2, 0, 0)).Error);
        Assert.Equal(ErrorCode.PolicyViolation, client.Produce(topic, Batches.Of(3, 0, 0)).Error);
        Assert.Equal(ErrorCode.None, client.Produce(topic, Batches.Of(1, 0, 1)).Error);
        Assert.Equal(ErrorCode.None, client.Produce(topic, Batches.Sound()).Error);
    }

    private sealed class NarrowBroker() : EngineBroker(("producer.state.entries.max", "2"))
    {
    }
}
