using System.Globalization;
using System.Xml.Linq;
using Reports.Formatting;
using Results;

namespace Reports.JUnit;

/// <summary>
/// A run as a JUnit file for a CI system: a case for the run itself, one for each verdict, and one for the verification of each trial. What
/// makes the exit code of a run other than 0 makes a case red, and nothing else does:
/// <list type="table">
/// <item><term>passed, reproduced</term><description>a case that passed</description></item>
/// <item><term>failed, not reproduced</term><description>failure, type <c>failed</c></description></item>
/// <item><term>inconclusive, verification incomplete</term><description>failure, type <c>inconclusive</c>: an answer was wanted and not given</description></item>
/// <item><term>invalid, verification violated</term><description>error, type <c>invalid</c>: nothing measured stands</description></item>
/// <item><term>target or environment failed</term><description>error, type <c>environment</c></description></item>
/// <item><term>interrupted</term><description>error, type <c>interrupted</c></description></item>
/// <item><term>not tested here</term><description>skipped</description></item>
/// </list>
/// A pure function of the result.
/// </summary>
public static class JUnitReport
{
    public static string Write(RunResult run)
    {
        ArgumentNullException.ThrowIfNull(run);
        XElement[] suites =
        [
            Suite("run", run, [RunCase(run)]),
            .. run.Verdicts.Count == 0 ? [] : (XElement[])[Suite("verdicts", run, [.. run.Verdicts.Select(VerdictCase)])],
            .. run.Trials.Count == 0 ? [] : (XElement[])[Suite("verification", run, [.. run.Trials.Select(TrialCase)])],
        ];
        XElement root = new("testsuites", Text("name", run.Name), Counts(suites.SelectMany(s => s.Elements("testcase"))), Time(run), suites);
        return $"<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n{root.ToString().ReplaceLineEndings("\n")}\n";
    }

    private static XElement Suite(string name, RunResult run, XElement[] cases) => new(
        "testsuite",
        Text("name", $"{run.Name}: {name}"),
        Text("timestamp", run.StartedUtc.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss", CultureInfo.InvariantCulture)),
        Counts(cases),
        cases);

    private static XElement RunCase(RunResult run)
    {
        XElement element = new("testcase", Text("classname", run.Name), Text("name", "run"), Time(run));
        string cause = run.Outcome.Cause ?? "no cause is known";
        if (run.Outcome.Status == RunStatus.Interrupted) element.Add(Problem("error", "interrupted", cause, []));
        if (run.Outcome.Status == RunStatus.Failed) element.Add(Problem("error", "environment", cause, []));
        return element;
    }

    private static XElement VerdictCase(Verdict verdict)
    {
        XElement element = new("testcase", Text("classname", verdict.Variant ?? verdict.Target), Text("name", verdict.Id));
        XElement? problem = verdict.Kind switch
        {
            VerdictKind.Passed or VerdictKind.Reproduced => null,
            VerdictKind.Failed or VerdictKind.NotReproduced => Problem("failure", "failed", verdict.Sentence, verdict.Evidence),
            VerdictKind.Inconclusive => Problem("failure", "inconclusive", verdict.Sentence, verdict.Evidence),
            VerdictKind.Invalid => Problem("error", "invalid", verdict.Sentence, verdict.Evidence),
            VerdictKind.NotTestedHere => new XElement("skipped", Text("message", verdict.Sentence)),
            _ => throw new ArgumentOutOfRangeException(nameof(verdict), verdict.Kind, null),
        };
        element.Add(problem ?? new XElement("system-out", PlainText.Xml(verdict.Sentence)));
        return element;
    }

    private static XElement TrialCase(Trial trial)
    {
        double seconds = trial.EndedAtSecond ?? trial.WarmupSeconds + trial.WindowSeconds;
        XElement element = new(
            "testcase",
            Text("classname", RunVariants.NameOf(trial)),
            Text("name", string.Create(CultureInfo.InvariantCulture, $"trial {trial.Index + 1}: verification")),
            Seconds(seconds));
        Verification v = trial.Verification;
        if (v.Violated) element.Add(Problem("error", "invalid", Broken(v), v.Violations.Select(Detail)));
        else if (trial.Status == TrialStatus.Failed) element.Add(Problem("error", "environment", trial.Cause ?? "the trial failed", []));
        else if (trial.Status == TrialStatus.Interrupted) element.Add(Problem("error", "interrupted", trial.Cause ?? "the trial was interrupted", []));
        else if (!v.Complete) element.Add(Problem("failure", "inconclusive", "not all that was acknowledged could be read: the absence of loss is unproved", []));
        return element;
    }

    private static string Broken(Verification v)
    {
        (long Count, string Word)[] counts = [(v.Lost, "lost"), (v.Duplicated, "duplicated"), (v.Reordered, "reordered"), (v.Damaged, "damaged")];
        return $"{string.Join(", ", counts.Where(c => c.Count > 0).Select(c => $"{Format.Count(c.Count)} {c.Word}"))} of {Format.Count(v.Sent)} messages";
    }

    private static string Detail(Violation v) => string.Create(
        CultureInfo.InvariantCulture,
        $"{v.Kind}: partition {v.Partition}, offset {(v.Offset is { } offset ? offset : "none")}, producer {v.Producer}, sequence {v.Sequence}, messages {v.Count}: {v.Detail}");

    private static XElement Problem(string element, string type, string message, IEnumerable<string> lines) =>
        new(element, Text("type", type), Text("message", message), string.Join('\n', lines.Select(PlainText.Xml)));

    private static XAttribute[] Counts(IEnumerable<XElement> cases)
    {
        XElement[] all = [.. cases];
        int With(string name) => all.Count(c => c.Element(name) is not null);
        return [new("tests", all.Length), new("failures", With("failure")), new("errors", With("error")), new("skipped", With("skipped"))];
    }

    private static XAttribute Time(RunResult run) => Seconds((run.EndedUtc - run.StartedUtc).TotalSeconds);

    private static XAttribute Seconds(double seconds) => new("time", seconds.ToString("0.###", CultureInfo.InvariantCulture));

    private static XAttribute Text(string name, string value) => new(name, PlainText.Xml(value));
}
