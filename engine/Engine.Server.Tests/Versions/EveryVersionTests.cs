using Engine.Wire;

namespace Engine.Server.Tests;

/// <summary>Advertised is served: every version of every API, apart from Produce 0 to 2, which are advertised for librdkafka's sake.</summary>
public sealed class EveryVersionTests(EngineFixture engine) : IClassFixture<EngineFixture>
{
    public static TheoryData<ApiKey, short> Versions
    {
        get
        {
            TheoryData<ApiKey, short> versions = [];
            foreach (ApiRange range in Apis.Served.Where(range => !GroupVersionTests.Covered.Contains(range.Key)))
            {
                for (short version = range.Min; version <= range.Max; version++)
                {
                    versions.Add(range.Key, version);
                }
            }

            return versions;
        }
    }

    [Theory]
    [MemberData(nameof(Versions))]
    public void Every_advertised_version_is_served(ApiKey key, short version)
    {
        using TestClient client = engine.Connect();
        ApiCases.All[key](client, $"{key}-{version}", version);
    }

    /// <summary>The groups' cases need state of their own, and stand in <see cref="GroupVersionTests"/>.</summary>
    [Fact]
    public void Every_advertised_API_has_its_case() =>
        Assert.Equal(Apis.Served.Select(range => range.Key), ApiCases.All.Keys.Concat(GroupVersionTests.Covered).Order());

    [Fact]
    public void Only_Produce_is_advertised_in_versions_that_are_not_served() =>
        Assert.All(Apis.Served, range => Assert.Equal(range.Key == ApiKey.Produce ? 0 : range.Min, range.AdvertisedMin));

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(2)]
    public void Produce_before_3_closes_the_connection(short version)
    {
        using TestClient client = engine.Connect();
        string topic = engine.NewTopic(client);
        client.SendProduce(topic, TestClient.Batch([1]), version);
        Assert.Null(client.ReceiveFrame());
    }
}
