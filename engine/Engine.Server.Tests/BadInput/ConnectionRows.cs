using System.Buffers.Binary;
using Engine.Wire;

namespace Engine.Server.Tests;

/// <summary>What is wrong with a frame or its header: the rows 1 to 6 of the table of bad input. Each runs against the engine and against Apache Kafka.</summary>
public abstract class ConnectionRows(IBroker broker)
{
    private const short Metadata = (short)ApiKey.Metadata;

    [Theory]
    [InlineData(-1)]
    [InlineData(int.MinValue)]
    [InlineData(104_857_601)]
    [InlineData(int.MaxValue)]
    public void Row_01_frame_length_below_zero_or_over_the_limit(int length)
    {
        byte[] bytes = new byte[4];
        BinaryPrimitives.WriteInt32BigEndian(bytes, length);
        Closes(bytes);
    }

    [Theory]
    [InlineData(999)]
    [InlineData(-1)]
    [InlineData(short.MaxValue)]
    public void Row_02_unknown_api_key(short key) => Closes(Frame(key, 0, []));

    [Theory]
    [InlineData(Metadata, 99)]
    [InlineData(Metadata, -1)]
    [InlineData((short)ApiKey.Fetch, 3)]
    [InlineData((short)ApiKey.CreateTopics, 1)]
    [InlineData((short)ApiKey.DescribeConfigs, 0)]
    public void Row_03_unsupported_version(short key, short version) => Closes(Frame(key, version, [0, 0, 0, 0]));

    [Fact]
    public void Row_04_body_that_cannot_be_parsed()
    {
        Closes(Frame(Metadata, 1, [0, 0, 0, 5]));
        Closes(Frame(Metadata, 1, [0x7f, 0xff, 0xff, 0xff]));
        Closes(Frame(Metadata, 1, [0, 0, 0, 1, 0x7f, 0xff, 65]));
        Closes(Frame(Metadata, 0, [0xff, 0xff, 0xff, 0xff]));
        Closes(Frame((short)ApiKey.Fetch, 11, [0, 0, 0, 1]));
        Closes(Frame((short)ApiKey.ListOffsets, 2, [0, 0, 0]));
    }

    [Fact]
    public void Row_04_flexible_body_that_cannot_be_parsed()
    {
        byte[] noTags = [0];
        Closes(Frame(Metadata, 12, [.. noTags, 0xff, 0xff, 0xff, 0xff, 0x07]));
        Closes(Frame(Metadata, 12, [.. noTags, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x01]));
        Closes(Frame(Metadata, 12, [.. noTags, 1, 1, 0, 5, 1, 100]));
        Closes(Frame((short)ApiKey.Fetch, 12, [.. noTags, 0, 0, 0, 1]));
        Closes(Frame((short)ApiKey.CreateTopics, 7, [.. noTags, 2, 200]));
    }

    [Fact]
    public void Row_05_ApiVersions_in_a_version_too_new()
    {
        using TestClient client = broker.Connect();
        client.SendRaw(Frame((short)ApiKey.ApiVersions, 99, [0]));
        WireReader reader = new(client.ReceiveFrame() ?? throw new EndOfStreamException("connection closed"));
        Assert.Equal(7, reader.ReadInt32());
        ApiVersionsResponse response = new();
        ApiVersionsResponse.Describe(ref reader, response, 0);
        Assert.Equal(0, reader.Remaining);
        Assert.Equal(ErrorCode.UnsupportedVersion, response.Error);
        ApiVersionEntry only = Assert.Single(response.Apis);
        Assert.Equal((18, 0, 4), (only.Key, only.Min, only.Max));
        Assert.Equal(ErrorCode.None, Ask(client, "test", "1.0").Error);
    }

    [Theory]
    [InlineData("", "1")]
    [InlineData("-bad", "1")]
    [InlineData("two words", "1")]
    [InlineData("good", "1 ")]
    [InlineData("good", "")]
    [InlineData("good\n", "1")]
    public void Row_06_ApiVersions_with_an_invalid_software_name(string name, string version)
    {
        using TestClient client = broker.Connect();
        ApiVersionsResponse refused = Ask(client, name, version);
        Assert.Equal((ErrorCode.InvalidRequest, 0), (refused.Error, refused.Apis.Count));
        Assert.Equal(ErrorCode.None, Ask(client, "a.good-name", "4.3.0-rc.1").Error);
    }

    private static ApiVersionsResponse Ask(TestClient client, string name, string version) =>
        client.Ask<ApiVersionsRequest, ApiVersionsResponse>(
            ApiKey.ApiVersions, 3, new ApiVersionsRequest { ClientSoftwareName = name, ClientSoftwareVersion = version });

    private static byte[] Frame(short key, short version, byte[] body)
    {
        byte[] frame = new byte[14 + body.Length];
        BinaryPrimitives.WriteInt32BigEndian(frame, frame.Length - 4);
        BinaryPrimitives.WriteInt16BigEndian(frame.AsSpan(4), key);
        BinaryPrimitives.WriteInt16BigEndian(frame.AsSpan(6), version);
        BinaryPrimitives.WriteInt32BigEndian(frame.AsSpan(8), 7);
        BinaryPrimitives.WriteInt16BigEndian(frame.AsSpan(12), -1);
        body.CopyTo(frame, 14);
        return frame;
    }

    /// <summary>The connection ends, and nobody else's.</summary>
    private void Closes(byte[] bytes)
    {
        using TestClient other = broker.Connect();
        using TestClient client = broker.Connect();
        client.SendRaw(bytes);
        Assert.Null(client.ReceiveFrame());
        Assert.Equal(ErrorCode.None, Ask(other, "test", "1.0").Error);
    }
}
