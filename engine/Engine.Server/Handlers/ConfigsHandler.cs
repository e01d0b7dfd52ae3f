using System.Globalization;
using Engine.Storage;
using Engine.Wire;

namespace Engine.Server;

/// <summary>DescribeConfigs, of topics and of the broker: exactly the settings that have an effect here.</summary>
internal sealed class ConfigsHandler
{
    private readonly TopicTable _topics;
    private readonly ServerConfig _config;

    public ConfigsHandler(TopicTable topics, ServerConfig config)
    {
        _topics = topics;
        _config = config;
    }

    public HandlerResult Handle(Connection connection, RequestHeader header, WireReader body)
    {
        DescribeConfigsRequest request = ControlAnswer.Read<DescribeConfigsRequest>(body, header.Version);
        DescribeConfigsResponse response = new();
        foreach (DescribeConfigsResource resource in request.Resources)
        {
            DescribeConfigsResult result = Describe(resource);
            if (resource.ConfigurationKeys is { } keys)
            {
                result.Configs.RemoveAll(config => !keys.Contains(config.Name));
            }

            response.Results.Add(result);
        }

        return ControlAnswer.Send(connection, header, response);
    }

    private DescribeConfigsResult Describe(DescribeConfigsResource resource)
    {
        DescribeConfigsResult result = new() { Type = resource.Type, Name = resource.Name };
        switch ((ConfigResourceType)resource.Type)
        {
            case ConfigResourceType.Topic when _topics.Find(resource.Name) is { } entry:
                result.Configs = [.. DescribeTopic(entry.Topic)];
                break;
            case ConfigResourceType.Topic:
                result.Error = TopicName.Validate(resource.Name) is null ? ErrorCode.UnknownTopicOrPartition : ErrorCode.InvalidTopic;
                break;
            case ConfigResourceType.Broker when resource.Name == ServerHost.NodeId.ToString(CultureInfo.InvariantCulture):
                result.Configs = [.. DescribeBroker()];
                break;
            default:
                result.Error = ErrorCode.InvalidRequest;
                result.ErrorMessage = $"resource type {resource.Type} '{resource.Name}' is neither a topic nor broker {ServerHost.NodeId}";
                break;
        }

        return result;
    }

    private static IEnumerable<DescribedConfig> DescribeTopic(Topic topic) =>
        topic.DescribeConfig().Select(entry => new DescribedConfig
        {
            Name = entry.Name,
            Value = entry.Value,
            Source = (sbyte)(entry.IsDefault ? ConfigSource.Default : ConfigSource.DynamicTopic),
            Type = (sbyte)entry.Type,
        });

    private IEnumerable<DescribedConfig> DescribeBroker() => _config.Describe().Select(entry => new DescribedConfig
    {
        Name = entry.Name,
        Value = entry.Value,
        ReadOnly = true,
        Source = (sbyte)(entry.IsDefault ? ConfigSource.Default : ConfigSource.StaticBroker),
        Type = (sbyte)entry.Type,
    });
}
