using System.Text.Json;
using System.Text.Json.Serialization;

namespace Harness.Interop.Contract;

/// <summary>Lines of JSON: names in camel case, null left out.</summary>
internal static class DriverJson
{
    private static readonly JsonSerializerOptions Options = new(JsonSerializerDefaults.Web) { DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull };

    public static string Write<T>(T value) => JsonSerializer.Serialize(value, Options);

    public static T Read<T>(string line) =>
        JsonSerializer.Deserialize<T>(line, Options) ?? throw new JsonException($"'{line}' is no {typeof(T).Name}");
}
