using System.Text.Json;

namespace Results;

/// <summary>As much of JSON Schema as the result's schema uses. A keyword it does not know fails the test instead of passing silently.</summary>
internal static class SchemaValidator
{
    private static readonly HashSet<string> Known =
    [
        "$schema", "title", "description", "type", "properties", "required", "items", "enum", "additionalProperties", "minimum", "maximum", "format",
    ];

    public static IReadOnlyList<string> Errors(JsonElement schema, JsonElement value, string path = "$")
    {
        List<string> errors = [];
        Check(schema, value, path, errors);
        return errors;
    }

    private static void Check(JsonElement schema, JsonElement value, string path, List<string> errors)
    {
        foreach (JsonProperty keyword in schema.EnumerateObject())
        {
            if (!Known.Contains(keyword.Name)) errors.Add($"{path}: the schema uses {keyword.Name}, which this check does not know");
        }

        if (schema.TryGetProperty("type", out JsonElement type) && !Types(type).Any(t => Is(t, value)))
        {
            errors.Add($"{path}: {value.ValueKind} is not of type {type.GetRawText()}");
            return;
        }

        if (schema.TryGetProperty("enum", out JsonElement allowed) && !allowed.EnumerateArray().Any(a => JsonElement.DeepEquals(a, value)))
            errors.Add($"{path}: {value.GetRawText()} is not one of {allowed.GetRawText()}");
        if (value.ValueKind == JsonValueKind.Number && schema.TryGetProperty("maximum", out JsonElement maximum) && value.GetDouble() > maximum.GetDouble())
            errors.Add($"{path}: {value.GetRawText()} is over {maximum.GetRawText()}");
        if (schema.TryGetProperty("format", out JsonElement format) && !(format.GetString() == "date-time" && value.TryGetDateTimeOffset(out _)))
            errors.Add($"{path}: {value.GetRawText()} is no {format.GetString()}");
        if (value.ValueKind == JsonValueKind.Array && schema.TryGetProperty("items", out JsonElement items))
        {
            int index = 0;
            foreach (JsonElement item in value.EnumerateArray()) Check(items, item, $"{path}[{index++}]", errors);
        }

        if (value.ValueKind == JsonValueKind.Object) CheckObject(schema, value, path, errors);
    }

    private static void CheckObject(JsonElement schema, JsonElement value, string path, List<string> errors)
    {
        if (schema.TryGetProperty("required", out JsonElement required))
        {
            foreach (JsonElement name in required.EnumerateArray())
            {
                if (!value.TryGetProperty(name.GetString()!, out _)) errors.Add($"{path}: {name} is missing");
            }
        }

        bool closed = schema.TryGetProperty("properties", out JsonElement properties);
        bool map = schema.TryGetProperty("additionalProperties", out JsonElement values);
        foreach (JsonProperty property in value.EnumerateObject())
        {
            if (closed && properties.TryGetProperty(property.Name, out JsonElement inner)) Check(inner, property.Value, $"{path}.{property.Name}", errors);
            else if (map) Check(values, property.Value, $"{path}.{property.Name}", errors);
            else if (closed) errors.Add($"{path}.{property.Name}: the schema does not know this key");
        }
    }

    private static IEnumerable<string> Types(JsonElement type) =>
        type.ValueKind == JsonValueKind.Array ? type.EnumerateArray().Select(t => t.GetString()!) : [type.GetString()!];

    private static bool Is(string type, JsonElement value) => type switch
    {
        "object" => value.ValueKind == JsonValueKind.Object,
        "array" => value.ValueKind == JsonValueKind.Array,
        "string" => value.ValueKind == JsonValueKind.String,
        "boolean" => value.ValueKind is JsonValueKind.True or JsonValueKind.False,
        "null" => value.ValueKind == JsonValueKind.Null,
        "number" => value.ValueKind == JsonValueKind.Number,
        "integer" => value.ValueKind == JsonValueKind.Number && value.TryGetInt64(out _),
        _ => false,
    };
}
