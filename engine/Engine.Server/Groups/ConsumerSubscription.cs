using Engine.Wire;

namespace Engine.Server;

/// <summary>
/// What consumers put into their member metadata: a version, then the topics, then what later versions added. The coordinator needs only
/// the topics, to know which offsets are in use. (Kafka: ConsumerProtocolSubscription.json.)
/// </summary>
internal static class ConsumerSubscription
{
    public const string ProtocolType = "consumer";

    /// <summary>Adds the topics; false when the bytes are something else, which is the clients' own affair.</summary>
    public static bool TryAddTopics(byte[] metadata, HashSet<string> topics)
    {
        try
        {
            WireReader reader = new(metadata);
            if (reader.ReadInt16() < 0)
            {
                return false;
            }

            List<string> names = [];
            ReadTopics(ref reader, ref names);
            topics.UnionWith(names);
            return true;
        }
        catch (WireFormatException)
        {
            return false;
        }
    }

    private static void ReadTopics<TIo>(ref TIo io, ref List<string> topics)
        where TIo : IMessageIo, allows ref struct => io.StringArray(ref topics);
}
