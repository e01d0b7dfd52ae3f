using System.Globalization;
using Reports.Formatting;
using Results;

namespace Reports.Model;

/// <summary>What a reader must know before any figure: the run is invalid, partial, short, or not what it seems.</summary>
/// <param name="Serious">True where figures do not stand or are not all there.</param>
public sealed record Banner(string Label, string Text, bool Serious)
{
    internal static IReadOnlyList<Banner> Of(RunResult run)
    {
        List<Banner> banners = [];
        Trial[] violated = [.. run.Trials.Where(t => t.Verification.Violated)];
        if (violated.Length > 0)
        {
            string trials = string.Join(", ", violated.Select(t => $"trial {t.Index + 1} ({t.Target})"));
            banners.Add(new Banner("Void", $"Verification failed in {trials}. Its figures are struck out: none of them stands.", true));
        }

        if (run.Outcome.Status != RunStatus.Completed)
        {
            string label = run.Outcome.Status == RunStatus.Interrupted ? "Interrupted" : "Failed";
            string cause = run.Outcome.Cause is { } text ? Sentence(text) + " " : "";
            string saved = run.Trials.Count == 0 ? "Nothing was measured." : "What was measured until then is below.";
            banners.Add(new Banner(label, cause + saved, true));
        }

        foreach (Trial trial in run.Trials.Where(t => t.Status != TrialStatus.Completed))
        {
            string at = trial.EndedAtSecond is { } second ? $" at second {second.ToString("0.0", CultureInfo.InvariantCulture)}" : "";
            string cause = trial.Cause is { } text ? $": {PlainText.OneLine(text)}" : "";
            banners.Add(new Banner("Partial", Sentence($"Trial {trial.Index + 1} ({trial.Target}) {Wording.Of(trial.Status)}{at}{cause}"), true));
        }

        if (run.Quick) banners.Add(new Banner("Quick", "The short form: fewer and shorter trials, no interval.", false));
        foreach (Trial trial in run.Trials.Where(t => t.GeneratorLimits.GeneratorLimited))
        {
            string reason = trial.GeneratorLimits.Reason is { } text ? ": " + PlainText.OneLine(text) : "";
            banners.Add(new Banner(
                "Generator-limited",
                Sentence($"Trial {trial.Index + 1} ({trial.Target}) shows the generator's limit, not the broker's; it ranks nothing{reason}"),
                false));
        }

        foreach (Trial trial in run.Trials.Where(t => !t.Steady))
        {
            string trend = trial.Trend is { } change
                ? $": consumed throughput changed by {Format.Change(change)} from its first half to its second"
                : "";
            string text = $"The counted window of trial {trial.Index + 1} ({trial.Target}) was not steady{trend}";
            banners.Add(new Banner("Not steady", Sentence(text), false));
        }

        return banners;
    }

    private static string Sentence(string text)
    {
        string line = PlainText.OneLine(text);
        if (line.Length == 0) return line;
        return char.ToUpperInvariant(line[0]) + line[1..] + (line[^1] is '.' or '!' or '?' ? "" : ".");
    }
}
