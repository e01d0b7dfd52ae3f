using System.Globalization;
using Engine.Storage;
using Engine.Wire;

namespace Engine.Server;

/// <summary>
/// DescribeConfigs, AlterConfigs and IncrementalAlterConfigs, of topics and of the broker: exactly the settings that have an effect
/// here. Those of topics can be altered; the broker's are read when it starts.
/// </summary>
internal sealed class ConfigsHandler
{
    private readonly TopicTable _topics;
    private readonly ServerConfig _config;
    private readonly ClusterInfo _cluster;

    public ConfigsHandler(TopicTable topics, ServerConfig config, ClusterInfo cluster)
    {
        _topics = topics;
        _config = config;
        _cluster = cluster;
    }

    public HandlerResult HandleDescribe(Connection connection, RequestHeader header, WireReader body)
    {
        DescribeConfigsRequest request = ControlAnswer.Read<DescribeConfigsRequest>(body, header.Version);
        DescribeConfigsResponse response = new();
        foreach (DescribeConfigsResource resource in request.Resources)
        {
            DescribeConfigsResult result = Describe(resource);
            if (resource.ConfigurationKeys is { Count: > 0 } keys)
            {
                result.Configs.RemoveAll(config => !keys.Contains(config.Name));
            }

            foreach (DescribedConfig config in result.Configs)
            {
                config.Synonyms = request.IncludeSynonyms ? config.Synonyms : [];
                config.Documentation = request.IncludeDocumentation ? config.Documentation : null;
            }

            response.Results.Add(result);
        }

        return ControlAnswer.Send(connection, header, response);
    }

    /// <summary>Puts what is given in place of everything that is set.</summary>
    public HandlerResult HandleAlter(Connection connection, RequestHeader header, WireReader body)
    {
        AlterConfigsRequest request = ControlAnswer.Read<AlterConfigsRequest>(body, header.Version);
        return Alter(connection, header, request.ValidateOnly, [.. request.Resources.Select(resource => new Wish(
            resource.Type,
            resource.Name,
            [.. resource.Configs.Select(config => new ConfigAlteration { Name = config.Name, Value = config.Value })],
            Replaces: true))]);
    }

    /// <summary>Changes what is named and leaves the rest.</summary>
    public HandlerResult HandleIncremental(Connection connection, RequestHeader header, WireReader body)
    {
        IncrementalAlterConfigsRequest request = ControlAnswer.Read<IncrementalAlterConfigsRequest>(body, header.Version);
        return Alter(
            connection,
            header,
            request.ValidateOnly,
            [.. request.Resources.Select(resource => new Wish(resource.Type, resource.Name, resource.Configs, Replaces: false))]);
    }

    private HandlerResult Alter(Connection connection, RequestHeader header, bool validateOnly, List<Wish> wishes)
    {
        HashSet<(sbyte, string)> twice =
            [.. wishes.GroupBy(wish => (wish.Type, wish.Name)).Where(g => g.Count() > 1).Select(g => g.Key)];
        AlterConfigsResponse response = new();
        foreach (Wish wish in wishes)
        {
            AlterConfigsResult result = new() { Type = wish.Type, Name = wish.Name };
            (result.Error, result.ErrorMessage) = twice.Contains((wish.Type, wish.Name))
                ? (ErrorCode.InvalidRequest, "a resource must be named only once")
                : Alter(wish, validateOnly);
            response.Results.Add(result);
        }

        return ControlAnswer.Send(connection, header, response);
    }

    private (ErrorCode Error, string? Message) Alter(Wish wish, bool validateOnly)
    {
        if (wish.Configs.DistinctBy(config => config.Name).Count() < wish.Configs.Count)
        {
            return (ErrorCode.InvalidRequest, "a setting must be named only once");
        }

        if (wish.Configs.Find(config => config.Operation is < 0 or > (sbyte)AlterConfigOperation.Subtract) is { } unknown)
        {
            return (ErrorCode.InvalidRequest, $"{unknown.Name}: operation {unknown.Operation} is not known");
        }

        if (wish.Configs.Find(config => config.Value is null && config.Operation != (sbyte)AlterConfigOperation.Delete) is { } empty)
        {
            return (ErrorCode.InvalidRequest, $"{empty.Name}: null is not a value");
        }

        switch ((ConfigResourceType)wish.Type)
        {
            case ConfigResourceType.Topic when TopicName.Validate(wish.Name) is { } invalid:
                return (wish.Name.Length == 0 ? ErrorCode.InvalidRequest : ErrorCode.InvalidTopic, invalid);
            case ConfigResourceType.Topic:
                return _topics.AlterConfig(wish.Name, present => ConfigAlterations.Apply(present, wish.Configs, wish.Replaces), validateOnly);
            case ConfigResourceType.Broker when CheckBroker(wish.Name) is { } other:
                return (ErrorCode.InvalidRequest, other);
            case ConfigResourceType.Broker:
                return wish.Configs.Count == 0
                    ? (ErrorCode.None, null)
                    : (ErrorCode.InvalidRequest,
                        $"settings of the broker are read when it starts: {string.Join(", ", wish.Configs.Select(config => config.Name))}");
            default:
                return (ErrorCode.InvalidRequest, $"resource type {wish.Type} has no settings that can be altered");
        }
    }

    private DescribeConfigsResult Describe(DescribeConfigsResource resource)
    {
        DescribeConfigsResult result = new() { Type = resource.Type, Name = resource.Name };
        switch ((ConfigResourceType)resource.Type)
        {
            case ConfigResourceType.Topic when _topics.Find(resource.Name) is { } entry:
                result.Configs = [.. ConfigDescriptions.Topic(_config, entry.Topic.Config, entry.Topic.ConfigOverrides.Keys)];
                break;
            case ConfigResourceType.Topic when TopicName.Validate(resource.Name) is { } invalid:
                (result.Error, result.ErrorMessage) = (ErrorCode.InvalidTopic, invalid);
                break;
            case ConfigResourceType.Topic:
                (result.Error, result.ErrorMessage) = (ErrorCode.UnknownTopicOrPartition, $"topic '{resource.Name}' does not exist");
                break;
            case ConfigResourceType.Broker when CheckBroker(resource.Name) is { } other:
                (result.Error, result.ErrorMessage) = (ErrorCode.InvalidRequest, other);
                break;
            case ConfigResourceType.Broker when resource.Name.Length > 0:
                result.Configs = [.. ConfigDescriptions.Broker(_config, _cluster, _topics.DataDirectory)];
                break;
            case ConfigResourceType.Broker:
                break; // Those that were altered for all brokers at once: none can be.
            default:
                result.Error = ErrorCode.InvalidRequest;
                result.ErrorMessage = $"resource type {resource.Type} has no settings";
                break;
        }

        return result;
    }

    /// <summary>What is wrong with the name of a broker; an empty one stands for all brokers.</summary>
    private static string? CheckBroker(string name) =>
        name.Length == 0 || name == ServerHost.NodeId.ToString(CultureInfo.InvariantCulture)
            ? null
            : $"'{name}' is not this broker, which is {ServerHost.NodeId}";

    /// <summary>What is to become of a resource's settings.</summary>
    /// <param name="Replaces">What is not named goes back to its default.</param>
    private sealed record Wish(sbyte Type, string Name, List<ConfigAlteration> Configs, bool Replaces);
}
