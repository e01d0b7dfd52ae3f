using System.Text.RegularExpressions;
using Engine.Wire;

namespace Engine.Server;

/// <summary>ApiVersions: what is served, from the one table.</summary>
internal static partial class ApiVersionsHandler
{
    private const short FirstWithSoftwareName = 3;

    public static HandlerResult Handle(Connection connection, RequestHeader header, WireReader body)
    {
        ApiVersionsRequest request = ControlAnswer.Read<ApiVersionsRequest>(body, header.Version);
        bool named = header.Version < FirstWithSoftwareName
            || (SoftwareName().IsMatch(request.ClientSoftwareName) && SoftwareName().IsMatch(request.ClientSoftwareVersion));
        ApiVersionsResponse response = new() { Error = named ? ErrorCode.None : ErrorCode.InvalidRequest };
        if (named)
        {
            response.Apis.AddRange(Apis.Served.Select(Entry));
        }

        return ControlAnswer.Send(connection, header, response);
    }

    public static void RefuseVersion(Connection connection, RequestHeader header)
    {
        ApiVersionsResponse response = new() { Error = ErrorCode.UnsupportedVersion };
        response.Apis.Add(Entry(Apis.Find((short)ApiKey.ApiVersions)!.Value));
        RequestHeader oldest = new() { Key = header.Key, Version = 0, CorrelationId = header.CorrelationId };
        ControlAnswer.Send(connection, oldest, response);
    }

    private static ApiVersionEntry Entry(ApiRange range) =>
        new() { Key = (short)range.Key, Min = range.AdvertisedMin, Max = range.Max };

    /// <summary>Kafka: ApiVersionsRequest.SOFTWARE_NAME_VERSION_PATTERN.</summary>
    [GeneratedRegex("^[a-zA-Z0-9](?:[a-zA-Z0-9\\-.]*[a-zA-Z0-9])?\\z", RegexOptions.CultureInvariant)]
    private static partial Regex SoftwareName();
}
