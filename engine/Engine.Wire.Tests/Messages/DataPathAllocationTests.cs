using Engine.Linux.Tests;

namespace Engine.Wire.Tests.Messages;

/// <summary>Requests of the data path are walked where they lie, flexible or not: nothing is allocated for them.</summary>
public sealed class DataPathAllocationTests
{
    private const int Rounds = 1000;

    [Theory]
    [InlineData(8)]
    [InlineData(12)]
    public void Walking_a_Produce_request_allocates_nothing(short version)
    {
        WireBuffer buffer = new();
        Frames.BeginRequest(buffer, ApiKey.Produce, version, 1, "test");
        int bodyAt = buffer.Length;
        buffer.WriteNullableString(null);
        buffer.WriteInt16(1);
        buffer.WriteInt32(1000);
        buffer.WriteArrayLength(1);
        buffer.WriteString("topic");
        buffer.WriteArrayLength(1);
        buffer.WriteInt32(0);
        buffer.WriteBytesLength(100);
        buffer.WriteRaw(new byte[100]);
        buffer.WriteTags();
        buffer.WriteTags();
        buffer.WriteTags();
        byte[] body = buffer.Written[bodyAt..].ToArray();
        bool flexible = Apis.IsFlexible(ApiKey.Produce, version);
        AllocatesNothing(() => ProduceRequestReader.CheckWhole(new WireReader(body, flexible)));
    }

    [Theory]
    [InlineData(11)]
    [InlineData(12)]
    public void Walking_a_Fetch_request_allocates_nothing(short version)
    {
        WireBuffer buffer = new();
        Frames.BeginRequest(buffer, ApiKey.Fetch, version, 1, "test");
        int bodyAt = buffer.Length;
        foreach (int field in (int[])[-1, 500, 1, 1 << 20])
        {
            buffer.WriteInt32(field);
        }

        buffer.WriteInt8(0);
        buffer.WriteInt32(0);
        buffer.WriteInt32(-1);
        buffer.WriteArrayLength(1);
        buffer.WriteString("topic");
        buffer.WriteArrayLength(1);
        buffer.WriteInt32(0);
        buffer.WriteInt32(-1);
        buffer.WriteInt64(7);
        if (version >= 12)
        {
            buffer.WriteInt32(-1);
        }

        buffer.WriteInt64(-1);
        buffer.WriteInt32(1 << 20);
        buffer.WriteTags();
        buffer.WriteTags();
        buffer.WriteArrayLength(0);
        buffer.WriteString("");
        buffer.WriteTags();
        byte[] body = buffer.Written[bodyAt..].ToArray();
        bool flexible = Apis.IsFlexible(ApiKey.Fetch, version);
        AllocatesNothing(() => FetchRequestReader.CheckWhole(new WireReader(body, flexible), version));
    }

    private static void AllocatesNothing(Action walk)
    {
        walk();
        Assert.All(Allocations.OfWindows(_ => Walk()), allocated => Assert.Equal(0, allocated));

        void Walk()
        {
            for (int i = 0; i < Rounds; i++)
            {
                walk();
            }
        }
    }
}
