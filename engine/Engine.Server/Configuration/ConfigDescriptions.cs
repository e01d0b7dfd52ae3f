using System.Globalization;
using Engine.Storage;
using Engine.Wire;

namespace Engine.Server;

/// <summary>
/// Settings as DescribeConfigs and CreateTopics give them: value, where it comes from, and the synonyms it was chosen among, the one
/// that counts first. A topic's setting goes back to one of the broker's, which goes back to the default.
/// </summary>
internal static class ConfigDescriptions
{
    /// <summary>Settings of the broker that are the defaults of those of topics, where the names differ (Kafka: ServerTopicConfigSynonyms).</summary>
    private static readonly Dictionary<string, string> BrokerNames = new()
    {
        ["cleanup.policy"] = "log.cleanup.policy",
        ["flush.messages"] = "log.flush.interval.messages",
        ["flush.ms"] = "log.flush.interval.ms",
        ["index.interval.bytes"] = "log.index.interval.bytes",
        ["max.message.bytes"] = "message.max.bytes",
        ["message.timestamp.after.max.ms"] = "log.message.timestamp.after.max.ms",
        ["message.timestamp.before.max.ms"] = "log.message.timestamp.before.max.ms",
        ["message.timestamp.type"] = "log.message.timestamp.type",
        ["preallocate"] = "log.preallocate",
        ["retention.bytes"] = "log.retention.bytes",
        ["retention.ms"] = "log.retention.ms",
        ["segment.bytes"] = "log.segment.bytes",
        ["segment.index.bytes"] = "log.index.size.max.bytes",
        ["segment.ms"] = "log.roll.ms",
    };

    /// <summary>The settings of a topic.</summary>
    /// <param name="config">What is in effect.</param>
    /// <param name="overridden">What the topic itself says.</param>
    public static IEnumerable<DescribedConfig> Topic(ServerConfig broker, LogConfig config, IEnumerable<string> overridden)
    {
        Dictionary<string, ServerSetting> brokerSettings = broker.Describe().ToDictionary(setting => setting.Name);
        HashSet<string> own = [.. overridden];
        foreach (LogConfigEntry entry in config.Describe(LogConfig.Default))
        {
            List<ConfigSynonym> synonyms = own.Contains(entry.Name) ? [Synonym(entry.Name, entry.Value, ConfigSource.DynamicTopic)] : [];
            string brokerName = BrokerNames.GetValueOrDefault(entry.Name, entry.Name);
            if (brokerSettings.TryGetValue(brokerName, out ServerSetting? setting) && setting.IsGiven)
            {
                synonyms.Add(Synonym(brokerName, setting.Value, ConfigSource.StaticBroker));
            }

            synonyms.Add(Synonym(brokerName, entry.Default, ConfigSource.Default));
            yield return Describe(entry.Name, entry.Value, (sbyte)entry.Type, readOnly: false, synonyms);
        }
    }

    /// <summary>The settings of the broker. Each is read when it starts, so none can be altered while it runs.</summary>
    public static IEnumerable<DescribedConfig> Broker(ServerConfig broker, ClusterInfo cluster, string dataDirectory)
    {
        (string Name, string Value)[] identity =
        [
            ("advertised.listeners", $"PLAINTEXT://{cluster.Host}:{cluster.Port}"),
            ("listeners", $"PLAINTEXT://{cluster.Listen}"),
            ("log.dirs", dataDirectory),
            ("node.id", cluster.NodeId.ToString(CultureInfo.InvariantCulture)),
        ];
        foreach ((string name, string value) in identity)
        {
            ConfigType type = name == "node.id" ? ConfigType.Int : name == "log.dirs" ? ConfigType.String : ConfigType.List;
            yield return Describe(name, value, (sbyte)type, readOnly: true, [Synonym(name, value, ConfigSource.StaticBroker)]);
        }

        foreach (ServerSetting setting in broker.Describe())
        {
            List<ConfigSynonym> synonyms = setting.IsGiven ? [Synonym(setting.Name, setting.Value, ConfigSource.StaticBroker)] : [];
            synonyms.Add(Synonym(setting.Name, setting.Default, ConfigSource.Default));
            yield return Describe(setting.Name, setting.Value, (sbyte)setting.Type, readOnly: true, synonyms);
        }
    }

    private static ConfigSynonym Synonym(string name, string value, ConfigSource source) =>
        new() { Name = name, Value = value, Source = (sbyte)source };

    private static DescribedConfig Describe(string name, string value, sbyte type, bool readOnly, List<ConfigSynonym> synonyms) => new()
    {
        Name = name,
        Value = value,
        ReadOnly = readOnly,
        Source = synonyms[0].Source,
        Synonyms = synonyms,
        Type = type,
        Documentation = SettingTexts.Find(name),
    };
}
