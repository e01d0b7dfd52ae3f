using Engine.Wire;

namespace Engine.Server;

/// <summary>Reading and answering requests that are not on the data path, where messages may be objects.</summary>
internal static class ControlAnswer
{
    /// <summary>Reads a whole request; bytes left over are a fault of the sender.</summary>
    public static T Read<T>(WireReader body, short version)
        where T : class, IWireMessage<T>, new()
    {
        T message = new();
        T.Describe(ref body, message, version);
        return body.Remaining == 0
            ? message
            : throw new WireFormatException($"{body.Remaining} bytes left over behind {typeof(T).Name}");
    }

    /// <summary>The same for requests that may not be as long as a frame may be.</summary>
    public static T Read<T>(WireReader body, short version, int bytesMax)
        where T : class, IWireMessage<T>, new() => body.Remaining <= bytesMax
            ? Read<T>(body, version)
            : throw new WireFormatException($"{typeof(T).Name} of {body.Remaining} bytes, {bytesMax} are allowed");

    public static HandlerResult Send<T>(Connection connection, RequestHeader header, T response)
        where T : class, IWireMessage<T>, new()
    {
        WireBuffer memory = connection.Out.Memory;
        int start = Frames.BeginResponse(memory, (ApiKey)header.Key, header.Version, header.CorrelationId);
        T.Describe(ref memory, response, header.Version);
        Frames.End(memory, start);
        return HandlerResult.Done;
    }
}
