using System.Text.Json;
using System.Text.Json.Nodes;
using Harness.Verdicts.Claims;
using Harness.Verdicts.Judging;
using Results;

namespace Harness.Cli;

/// <summary>The verdicts on claims as <c>--json</c> shows them; everything behind them is in the result document that it names.</summary>
internal static class ClaimOutput
{
    private static readonly JsonSerializerOptions Indented = new() { WriteIndented = true, NewLine = "\n", Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    public static string Json(RunResult result, string resultPath, string reportPath) => new JsonObject
    {
        ["claims"] = new JsonArray([.. result.Verdicts.Select(Json)]),
        ["result"] = resultPath,
        ["report"] = reportPath,
    }.ToJsonString(Indented) + "\n";

    private static JsonObject Json(Verdict verdict) => new()
    {
        ["id"] = verdict.Id,
        ["target"] = verdict.Target,
        ["verdict"] = VerdictNames.Of(verdict.Kind),
        ["sentence"] = verdict.Sentence,
        ["evidence"] = Lines(verdict.Evidence.Where(line => !NotTested.Is(line))),
        ["notTested"] = Lines(verdict.Evidence.Where(NotTested.Is).Select(NotTested.What)),
    };

    private static JsonArray Lines(IEnumerable<string> lines) => new([.. lines.Select(line => JsonValue.Create(line))]);
}
