using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;
using System.Text.Json.Serialization.Metadata;

namespace Results;

/// <summary>
/// Reads and writes the result document. Stateless; any thread may call it.
/// </summary>
public static class ResultJson
{
    /// <summary>The document is a file of its own, never part of a page: characters such as <c>&gt;</c> and <c>µ</c> stay as they are.</summary>
    internal static ResultJsonContext Context { get; } =
        new(new JsonSerializerOptions(ResultJsonContext.Default.Options) { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping });

    private static JsonTypeInfo<RunResult> Type => Context.RunResult;

    /// <summary>The document as indented JSON, ending with a newline.</summary>
    /// <exception cref="ResultFormatException">A number is not finite; JSON has no such number. The message names its key.</exception>
    public static string Serialize(RunResult result)
    {
        ArgumentNullException.ThrowIfNull(result);
        try
        {
            return JsonSerializer.Serialize(result, Type) + "\n";
        }
        catch (ArgumentException e) when (FindNonFinite(result) is { } key)
        {
            throw new ResultFormatException($"result {result.Id}: {key} is not a finite number", e);
        }
    }

    /// <summary>A variant alone, as in the document.</summary>
    public static string Serialize(VariantInfo variant) => JsonSerializer.Serialize(variant, Context.VariantInfo);

    /// <summary>Writes the document atomically: a reader sees the old file or the whole new one, never a part.</summary>
    public static void Write(string path, RunResult result) => AtomicFile.WriteText(path, Serialize(result));

    /// <summary>Reads a document of any version up to <see cref="RunResult.CurrentSchemaVersion"/>.</summary>
    /// <exception cref="ResultFormatException">The file is missing, is not JSON, is of an unknown version, or lacks a key.</exception>
    public static RunResult Read(string path)
    {
        byte[] bytes;
        try
        {
            bytes = File.ReadAllBytes(path);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or ArgumentException or NotSupportedException)
        {
            string why = e is FileNotFoundException or DirectoryNotFoundException ? "no such file"
                : Directory.Exists(path) ? "is a folder; a result file was expected"
                : OneLine(e.Message);
            throw new ResultFormatException($"{path}: {why}", e);
        }

        return Parse(bytes, path);
    }

    /// <param name="name">Stands in messages for where the text came from.</param>
    /// <inheritdoc cref="Read"/>
    public static RunResult Parse(string json, string name) => Parse(Encoding.UTF8.GetBytes(json), name);

    private static RunResult Parse(byte[] utf8, string name)
    {
        ReadOnlyMemory<byte> text = utf8;
        if (text.Span.StartsWith("\uFEFF"u8)) text = text[3..];
        try
        {
            using (JsonDocument document = JsonDocument.Parse(text))
            {
                CheckVersion(document.RootElement, name);
                RefuseNullElements(document.RootElement, "$", name);
            }

            return JsonSerializer.Deserialize(text.Span, Type)
                ?? throw new ResultFormatException($"{name}: the document is null");
        }
        catch (JsonException e)
        {
            string line = e.LineNumber is { } zeroBased ? $":{zeroBased + 1}" : "";
            string key = e.Path is { Length: > 1 } path ? $"{path}: " : "";
            throw new ResultFormatException($"{name}{line}: {key}{Reason(e)}", e);
        }
    }

    private static void CheckVersion(JsonElement root, string name)
    {
        if (root.ValueKind != JsonValueKind.Object)
            throw new ResultFormatException($"{name}: not a result document: the outermost value is not an object");
        if (!root.TryGetProperty("schemaVersion", out JsonElement version))
            throw new ResultFormatException($"{name}: not a result document: missing key \"schemaVersion\"");
        if (version.ValueKind != JsonValueKind.Number || !version.TryGetInt32(out int number) || number < 1)
            throw new ResultFormatException($"{name}: $.schemaVersion: {OneLine(version.GetRawText())} is no schema version");
        if (number > RunResult.CurrentSchemaVersion)
        {
            throw new ResultFormatException(
                $"{name}: $.schemaVersion: {number} is newer than this program reads ({RunResult.CurrentSchemaVersion})");
        }
    }

    /// <summary>No list of the document has null elements, and the serializer checks nullability of properties only.</summary>
    private static void RefuseNullElements(JsonElement element, string path, string name)
    {
        switch (element.ValueKind)
        {
            case JsonValueKind.Object:
                foreach (JsonProperty property in element.EnumerateObject())
                    RefuseNullElements(property.Value, $"{path}.{property.Name}", name);
                break;
            case JsonValueKind.Array:
                int index = 0;
                foreach (JsonElement item in element.EnumerateArray())
                {
                    if (item.ValueKind == JsonValueKind.Null)
                        throw new ResultFormatException($"{name}: {path}[{index}]: null where a value is needed");
                    RefuseNullElements(item, $"{path}[{index}]", name);
                    index++;
                }

                break;
        }
    }

    /// <summary>Where the serializer stops to speak of the document: place (which the caller words itself) and types.</summary>
    private static readonly string[] Tails = [" Path: ", " LineNumber: ", " encountered during deserialization"];

    /// <summary>The serializer's words, cut to what a reader of the file needs: types of this program mean nothing to them.</summary>
    private static string Reason(JsonException e)
    {
        const string marker = "missing required properties including: ";
        string message = OneLine(e.Message);
        int at = message.IndexOf(marker, StringComparison.Ordinal);
        if (at >= 0) return "missing " + message[(at + marker.Length)..].TrimEnd('.').Replace('\'', '"');
        if (message.Contains("could not be converted to", StringComparison.Ordinal)) return "not a value that this key takes";
        if (message.Contains("null", StringComparison.Ordinal) && message.Contains("on type", StringComparison.Ordinal)) return NullReason(message);
        int tail = Tails.Select(t => message.IndexOf(t, StringComparison.Ordinal)).Where(i => i > 0).DefaultIfEmpty(message.Length).Min();
        return message[..tail];
    }

    private static string NullReason(string message)
    {
        string[] quoted = message.Split('\'');
        return quoted.Length > 1 ? $"\"{JsonNamingPolicy.CamelCase.ConvertName(quoted[1])}\" must not be null" : "must not be null";
    }

    private static string OneLine(string text) => string.Join(' ', text.Split((char[])['\r', '\n'], StringSplitOptions.RemoveEmptyEntries));

    private static string? FindNonFinite(RunResult result)
    {
        JsonSerializerOptions lenient = new(Context.Options) { NumberHandling = JsonNumberHandling.AllowNamedFloatingPointLiterals };
        using JsonDocument document = JsonDocument.Parse(JsonSerializer.Serialize(result, new ResultJsonContext(lenient).RunResult));
        return Find(document.RootElement, "$");

        static string? Find(JsonElement element, string path) => element.ValueKind switch
        {
            JsonValueKind.Object => element.EnumerateObject().Select(p => Find(p.Value, $"{path}.{p.Name}")).FirstOrDefault(k => k is not null),
            JsonValueKind.Array => element.EnumerateArray().Select((e, i) => Find(e, $"{path}[{i}]")).FirstOrDefault(k => k is not null),
            JsonValueKind.String when element.GetString() is "NaN" or "Infinity" or "-Infinity" => path,
            _ => null,
        };
    }
}
