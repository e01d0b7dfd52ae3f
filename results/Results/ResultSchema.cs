using System.Text.Json.Nodes;
using System.Text.Json.Schema;

namespace Results;

/// <summary>
/// The JSON Schema of the result document, made from the types, so that it cannot say anything else than the reader does.
/// The copy that is checked in (<c>result.schema.json</c>) is for editors and other languages; a test keeps it up to date.
/// </summary>
public static class ResultSchema
{
    public const string FileName = "result.schema.json";

    /// <summary>The schema as indented JSON, ending with a newline.</summary>
    public static string Generate()
    {
        JsonSchemaExporterOptions export = new() { TreatNullObliviousAsNonNullable = true };
        JsonObject body = ResultJson.Context.RunResult.GetJsonSchemaAsNode(export).AsObject();
        JsonObject version = body["properties"]!["schemaVersion"]!.AsObject();
        version["minimum"] = 1;
        version["maximum"] = RunResult.CurrentSchemaVersion;

        JsonObject schema = new()
        {
            ["$schema"] = "https://json-schema.org/draft/2020-12/schema",
            ["title"] = "Result of a harness run",
            ["description"] =
                "Units are the last word of a name: …Bytes, …Seconds, …Micros, …PerSecond, …Share (0 to 1). "
                + "A value that could not be measured is null, and a note says why.",
        };
        foreach ((string key, JsonNode? value) in body) schema[key] = value?.DeepClone();
        return schema.ToJsonString(ResultJson.Context.Options) + "\n";
    }
}
