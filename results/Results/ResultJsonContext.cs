using System.Text.Json;
using System.Text.Json.Serialization;

namespace Results;

/// <summary>
/// Serialization code of the document, generated at build time: no reflection when a run ends, and a type that
/// cannot be written is a build error instead of a lost result.
/// </summary>
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase,
    WriteIndented = true,
    NewLine = "\n",
    // What can be computed from the document is not written into it: it could contradict it.
    IgnoreReadOnlyProperties = true,
    RespectNullableAnnotations = true,
    RespectRequiredConstructorParameters = true,
    AllowDuplicateProperties = false,
    Converters =
    [
        typeof(CamelCaseEnumConverter<RunStatus>),
        typeof(CamelCaseEnumConverter<TrialStatus>),
        typeof(CamelCaseEnumConverter<TrialPhase>),
        typeof(CamelCaseEnumConverter<StorageRegime>),
        typeof(CamelCaseEnumConverter<ProbeUnit>),
        typeof(CamelCaseEnumConverter<VerdictKind>),
        typeof(CamelCaseEnumConverter<TechniqueAnswer>),
        typeof(CamelCaseEnumConverter<CpuCategory>),
    ])]
[JsonSerializable(typeof(RunResult))]
internal sealed partial class ResultJsonContext : JsonSerializerContext;

/// <summary>Enumerations as words; numbers are refused, because their meaning would hang on the order of a declaration.</summary>
internal sealed class CamelCaseEnumConverter<TEnum>() : JsonStringEnumConverter<TEnum>(JsonNamingPolicy.CamelCase, allowIntegerValues: false)
    where TEnum : struct, Enum;
