using Engine.Wire;

namespace Engine.Server.Tests;

/// <summary>Produce and Fetch of any version as a client writes and reads them: for the engine and the harness they are written by hand, one way each.</summary>
internal static class DataPath
{
    /// <summary>A tagged field that no broker knows: everybody has to skip it.</summary>
    private static readonly byte[] ForeignTag = [1, 77, 3, 1, 2, 3];

    public static ProduceResult Produce(TestClient client, short version, string topic, byte[] batch)
    {
        WireReader body = client.Exchange(ApiKey.Produce, version, buffer =>
        {
            buffer.WriteNullableString(null);
            buffer.WriteInt16((short)Acks.All);
            buffer.WriteInt32(1000);
            buffer.WriteArrayLength(1);
            buffer.WriteString(topic);
            buffer.WriteArrayLength(1);
            buffer.WriteInt32(0);
            buffer.WriteBytesLength(batch.Length);
            buffer.WriteRaw(batch);
            WriteForeignTags(buffer, 3);
        });
        Assert.Equal(1, body.ReadArrayLength(1));
        Assert.Equal(topic, System.Text.Encoding.UTF8.GetString(body.ReadStringBytes(out _)));
        Assert.Equal(1, body.ReadArrayLength(1));
        ProduceResult result = new(body.ReadInt32(), (ErrorCode)body.ReadInt16(), body.ReadInt64());
        Assert.Equal(-1, body.ReadInt64()); // log append time
        if (version >= 5)
        {
            Assert.Equal(0, body.ReadInt64()); // log start offset
        }

        if (version >= 8)
        {
            Assert.Equal(0, body.ReadArrayLength(1));
            body.ReadStringBytes(out bool noMessage);
            Assert.True(noMessage);
        }

        body.SkipTags();
        body.SkipTags();
        Assert.Equal(0, body.ReadInt32()); // throttle time
        body.SkipTags();
        Assert.Equal(0, body.Remaining);
        return result;
    }

    public static Fetched Fetch(
        TestClient client, short version, string topic, long offset, int leaderEpoch = -1, int sessionId = 0, int sessionEpoch = -1, int maxWaitMs = 0)
    {
        WireReader body = client.Exchange(ApiKey.Fetch, version, buffer =>
        {
            buffer.WriteInt32(-1);
            buffer.WriteInt32(maxWaitMs);
            buffer.WriteInt32(1);
            buffer.WriteInt32(1 << 20);
            buffer.WriteInt8(1);
            if (version >= 7)
            {
                buffer.WriteInt32(sessionId);
                buffer.WriteInt32(sessionEpoch);
            }

            buffer.WriteArrayLength(1);
            buffer.WriteString(topic);
            buffer.WriteArrayLength(1);
            buffer.WriteInt32(0);
            if (version >= 9)
            {
                buffer.WriteInt32(leaderEpoch);
            }

            buffer.WriteInt64(offset);
            if (version >= 12)
            {
                buffer.WriteInt32(-1);
            }

            if (version >= 5)
            {
                buffer.WriteInt64(-1);
            }

            buffer.WriteInt32(1 << 20);
            WriteForeignTags(buffer, 2);
            if (version >= 7)
            {
                buffer.WriteArrayLength(1); // one topic to be forgotten
                buffer.WriteString("forgotten");
                buffer.WriteArrayLength(1);
                buffer.WriteInt32(0);
                buffer.WriteTags();
            }

            if (version >= 11)
            {
                buffer.WriteString("rack");
            }

            WriteForeignTags(buffer, 1);
        });
        return ReadFetch(body, version);
    }

    private static Fetched ReadFetch(WireReader body, short version)
    {
        Assert.Equal(0, body.ReadInt32()); // throttle time
        ErrorCode error = ErrorCode.None;
        int sessionId = 0;
        if (version >= 7)
        {
            error = (ErrorCode)body.ReadInt16();
            sessionId = body.ReadInt32();
        }

        if (body.ReadArrayLength(1) == 0)
        {
            body.SkipTags();
            Assert.Equal(0, body.Remaining);
            return new Fetched(error, -1, -1, []);
        }

        body.ReadStringBytes(out _);
        Assert.Equal(1, body.ReadArrayLength(1));
        Assert.Equal(0, body.ReadInt32());
        error = (ErrorCode)body.ReadInt16();
        long highWatermark = body.ReadInt64();
        Assert.Equal(highWatermark, body.ReadInt64()); // last stable offset
        long logStart = version >= 5 ? body.ReadInt64() : -1;
        Assert.InRange(body.ReadArrayLength(1), -1, 0); // aborted transactions
        if (version >= 11)
        {
            Assert.Equal(-1, body.ReadInt32()); // preferred read replica
        }

        byte[] records = body.ReadBytes(out bool isNull).ToArray();
        Assert.False(isNull);
        body.SkipTags();
        body.SkipTags();
        body.SkipTags();
        Assert.Equal(0, body.Remaining);
        return new Fetched(error, highWatermark, logStart, records) { SessionId = sessionId };
    }

    private static void WriteForeignTags(WireBuffer buffer, int structures)
    {
        for (int i = 0; buffer.Flexible && i < structures; i++)
        {
            buffer.WriteRaw(ForeignTag);
        }
    }
}
