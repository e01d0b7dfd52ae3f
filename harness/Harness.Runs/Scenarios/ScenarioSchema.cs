using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;
using Harness.Runs.Scenarios.Keys;

namespace Harness.Runs.Scenarios;

/// <summary>
/// The scenario format as JSON Schema (2020-12), made from the key table, so that editors complete and explain it. It says less than the
/// reader, which also knows ranges of quantities and what is impossible together.
/// </summary>
public static class ScenarioSchema
{
    private const string Variant = "variant";

    private static readonly JsonSerializerOptions Indented = new() { WriteIndented = true, NewLine = "\n", Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>Indented, ending with a newline.</summary>
    public static string Text()
    {
        JsonObject whole = Section("", key => true);
        whole["required"] = new JsonArray("name", "message", ScenarioKeys.Load);
        JsonObject properties = whole["properties"]!.AsObject();
        properties[ScenarioKeys.Extends] = Described("string", "The scenario that this one is laid over: a path from this file, or a name.");
        properties[ScenarioKeys.Compare] = Described("object", "Variants that are interleaved and compared: what each changes.");
        properties[ScenarioKeys.Compare]!["minProperties"] = 2;
        properties[ScenarioKeys.Compare]!["additionalProperties"] = new JsonObject { ["$ref"] = $"#/$defs/{Variant}" };
        properties[ScenarioKeys.Matrix] = Described("object", "Keys by their path with lists of values: all are crossed, those under zip go forward together.");
        properties[ScenarioKeys.Matrix]!["additionalProperties"] = new JsonObject { ["type"] = new JsonArray("array", "object") };
        JsonObject schema = new()
        {
            ["$schema"] = "https://json-schema.org/draft/2020-12/schema",
            ["title"] = "Harness scenario",
        };
        foreach ((string name, JsonNode? value) in whole.ToArray())
        {
            schema[name] = value!.DeepClone();
        }

        // What extends another has its required keys from there.
        JsonNode required = schema["required"]!.DeepClone();
        schema.Remove("required");
        schema["anyOf"] = new JsonArray(new JsonObject { ["required"] = new JsonArray(ScenarioKeys.Extends) }, new JsonObject { ["required"] = required });
        schema["$defs"] = new JsonObject { [Variant] = Section("", key => !PlanReader.OfTheWholeRun.Contains(key.Path)) };
        return schema.ToJsonString(Indented) + "\n";
    }

    private static JsonObject Section(string path, Func<ScenarioKey, bool> wanted)
    {
        JsonObject properties = [];
        foreach (string name in ScenarioKeys.NamesIn(path))
        {
            string child = path.Length == 0 ? name : $"{path}.{name}";
            if (ScenarioKeys.ByPath.TryGetValue(child, out ScenarioKey? key))
            {
                if (wanted(key))
                {
                    properties[name] = Key(key);
                }
            }
            else if (child == ScenarioKeys.Load)
            {
                properties[name] = Load();
            }
            else if (ScenarioKeys.Sections.Contains(child))
            {
                properties[name] = Section(child, wanted);
            }
        }

        return new JsonObject { ["type"] = "object", ["additionalProperties"] = false, ["properties"] = properties };
    }

    private static JsonObject Load()
    {
        JsonArray shapes = [];
        foreach (string shape in ScenarioKeys.NamesIn(ScenarioKeys.Load))
        {
            JsonObject section = Section($"{ScenarioKeys.Load}.{shape}", _ => true);
            section["required"] = new JsonArray([.. section["properties"]!.AsObject().Select(property => JsonValue.Create(property.Key))]);
            shapes.Add(new JsonObject
            {
                ["type"] = "object",
                ["additionalProperties"] = false,
                ["required"] = new JsonArray(shape),
                ["properties"] = new JsonObject { [shape] = section },
            });
        }

        JsonObject load = Described("array", "The load after the warm-up; its phases follow one another.");
        load["minItems"] = 1;
        load["items"] = new JsonObject { ["oneOf"] = shapes };
        return load;
    }

    private static JsonObject Key(ScenarioKey key)
    {
        JsonObject value = key.Schema;
        if (key.IsList)
        {
            JsonObject list = new() { ["type"] = "array", ["items"] = key.Path == ScenarioKeys.Targets ? Target(value) : value };
            value = key.Path != ScenarioKeys.Expect ? list : new JsonObject
            {
                ["oneOf"] = new JsonArray(list, new JsonObject { ["type"] = "object", ["additionalProperties"] = list.DeepClone() }),
            };
        }

        value["description"] = $"{key.Description} Allowed: {key.Allowed}.";
        if (key.Default is { } text)
        {
            value["default"] = key.IsList ? new JsonArray(text) : long.TryParse(text, out long number) ? number : bool.TryParse(text, out bool flag) ? flag : text;
        }

        return value;
    }

    private static JsonObject Target(JsonObject name) => new()
    {
        ["oneOf"] = new JsonArray(name, new JsonObject
        {
            ["type"] = "object",
            ["additionalProperties"] = false,
            ["required"] = new JsonArray("target"),
            ["properties"] = new JsonObject
            {
                ["target"] = name.DeepClone(),
                ["config"] = Described("object", "Configuration of the broker by Kafka's names."),
            },
        }),
    };

    private static JsonObject Described(string type, string description) => new() { ["type"] = type, ["description"] = description };
}
