namespace Engine.Wire;

/// <summary>
/// The header of a request: key, version, correlation id, client id. The client id keeps its two-byte length in flexible
/// versions too.
/// </summary>
public readonly ref struct RequestHeader
{
    public short Key { get; init; }
    public short Version { get; init; }
    public int CorrelationId { get; init; }

    /// <summary>Reads key, version and correlation id: what is there in every version of every API, served or not.</summary>
    public static RequestHeader Read(ref WireReader reader) => new()
    {
        Key = reader.ReadInt16(),
        Version = reader.ReadInt16(),
        CorrelationId = reader.ReadInt32(),
    };

    /// <summary>Reads the rest of the header and leaves the reader set for a body of that version.</summary>
    public static void ReadRest(ref WireReader reader, bool flexible)
    {
        reader.Flexible = false;
        reader.ReadStringBytes(out _);
        reader.Flexible = flexible;
        reader.SkipTags();
    }
}

/// <summary>Frames: a length of four bytes, a header, a body.</summary>
public static class Frames
{
    /// <summary>Bytes of the length in front of every frame, which the length does not count.</summary>
    public const int LengthBytes = 4;

    /// <summary>
    /// Starts a request frame; what it returns goes to <see cref="End"/>. The buffer is then set for a body of that version.
    /// </summary>
    public static int BeginRequest(WireBuffer buffer, ApiKey key, short version, int correlationId, string? clientId)
    {
        int start = buffer.Length;
        buffer.Flexible = false;
        buffer.WriteInt32(0);
        buffer.WriteInt16((short)key);
        buffer.WriteInt16(version);
        buffer.WriteInt32(correlationId);
        buffer.WriteNullableString(clientId);
        buffer.Flexible = Apis.IsFlexible(key, version);
        buffer.WriteTags();
        return start;
    }

    /// <summary>Starts a response frame. The header of ApiVersions is never flexible, so that a client of any age can read it.</summary>
    public static int BeginResponse(WireBuffer buffer, ApiKey key, short version, int correlationId)
    {
        int start = buffer.Length;
        buffer.Flexible = Apis.IsFlexible(key, version);
        buffer.WriteInt32(0);
        buffer.WriteInt32(correlationId);
        if (key != ApiKey.ApiVersions)
        {
            buffer.WriteTags();
        }

        return start;
    }

    /// <summary>Ends a frame: writes its length, <paramref name="more"/> bytes included that follow from elsewhere.</summary>
    public static void End(WireBuffer buffer, int start, int more = 0) =>
        buffer.PatchInt32(start, buffer.Length - start - LengthBytes + more);

    /// <summary>
    /// Reads a response's header up to its body. The reader is then set for a body of that version.
    /// </summary>
    /// <returns>The correlation id.</returns>
    public static int ReadResponseHeader(ref WireReader reader, ApiKey key, short version)
    {
        int correlationId = reader.ReadInt32();
        reader.Flexible = Apis.IsFlexible(key, version);
        if (key != ApiKey.ApiVersions)
        {
            reader.SkipTags();
        }

        return correlationId;
    }
}
