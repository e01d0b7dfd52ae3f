using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;
using Harness.Measure.Doctor;

namespace Harness.Cli;

/// <summary>Findings as <c>doctor</c> shows them, in the order given.</summary>
internal static class DoctorOutput
{
    // Commands hold quotes, which must be readable as they are.
    private static readonly JsonSerializerOptions Indented =
        new() { WriteIndented = true, NewLine = "\n", Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    public static IEnumerable<string> Lines(IReadOnlyList<Finding> findings)
    {
        int severityWidth = findings.Select(finding => Word(finding.Severity).Length).DefaultIfEmpty().Max();
        int checkWidth = findings.Select(finding => finding.Check.Length).DefaultIfEmpty().Max();
        string indent = new(' ', severityWidth + checkWidth + 4);
        foreach (Finding finding in findings)
        {
            yield return $"{Word(finding.Severity).PadRight(severityWidth)}  {finding.Check.PadRight(checkWidth)}  {finding.Message}";
            if (finding.Effect is string effect)
            {
                yield return indent + effect;
            }

            if (finding.Command is string command)
            {
                yield return $"{indent}$ {command}";
            }
        }

        yield return $"{Count(Severity.Critical)} critical, {Count(Severity.Warning)} warnings, {Count(Severity.NotKnown)} not known, "
            + $"{Count(Severity.Info)} for information, {Count(Severity.Fine)} fine";

        int Count(Severity severity) => findings.Count(finding => finding.Severity == severity);
    }

    public static string Json(IReadOnlyList<Finding> findings) => new JsonObject
    {
        ["critical"] = findings.Count(finding => finding.Severity == Severity.Critical),
        ["warnings"] = findings.Count(finding => finding.Severity == Severity.Warning),
        ["findings"] = new JsonArray([.. findings.Select(finding => new JsonObject
        {
            ["check"] = finding.Check,
            ["severity"] = Word(finding.Severity),
            ["message"] = finding.Message,
            ["effect"] = finding.Effect,
            ["command"] = finding.Command,
        })]),
    }.ToJsonString(Indented) + "\n";

    private static string Word(Severity severity) => severity switch
    {
        Severity.Critical => "critical",
        Severity.Warning => "warning",
        Severity.Info => "info",
        Severity.NotKnown => "not known",
        _ => "fine",
    };
}
