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
            string trials = string.Join(", ", violated.Select(Name));
            banners.Add(new Banner("Void", $"Verification failed in {trials}. Its figures are struck out: none of them stands.", true));
        }

        if (run.Outcome.Status != RunStatus.Completed)
        {
            string label = run.Outcome.Status == RunStatus.Interrupted ? "Interrupted" : "Failed";
            string cause = run.Outcome.Cause is { } text ? Sentence(text) + " " : "";
            string saved = run.Trials.Count == 0 && run.Probe is not { Figures.Count: > 0 } ? "Nothing was measured." : "What was measured until then is below.";
            banners.Add(new Banner(label, cause + saved, true));
        }

        foreach (Trial trial in run.Trials.Where(t => t.Status != TrialStatus.Completed))
        {
            string at = trial.EndedAtSecond is { } second ? $" at second {second.ToString("0.0", CultureInfo.InvariantCulture)}" : "";
            string cause = trial.Cause is { } text ? $": {PlainText.OneLine(text)}" : "";
            banners.Add(new Banner("Partial", Sentence($"{Name(trial)} {Wording.Of(trial.Status)}{at}{cause}"), true));
        }

        if (run.Quick) banners.Add(new Banner("Quick", "The short form: fewer and shorter trials, no interval.", false));
        banners.AddRange(OfTrials(
            run,
            "Generator-limited",
            t => t.GeneratorLimits.GeneratorLimited,
            trial => $"{Name(trial)} shows the generator's limit, not the broker's; it ranks nothing"
                + (trial.GeneratorLimits.Reason is { } text ? ": " + PlainText.OneLine(text) : ""),
            "show the generator's limit, not the broker's; they rank nothing"));
        banners.AddRange(OfTrials(
            run,
            "Not steady",
            t => !t.Steady,
            trial => $"The counted window of {Name(trial)} was not steady"
                + (trial.Trend is { } change ? $": consumed throughput changed by {Format.Change(change)} from its first half to its second" : ""),
            "had counted windows that were not steady"));
        return banners;
    }

    /// <summary>Of more than so many variants, the tables tell.</summary>
    private const int VariantsLimit = 4;

    /// <summary>A line for each trial concerned; from three on one line for all.</summary>
    private static IEnumerable<Banner> OfTrials(RunResult run, string label, Func<Trial, bool> concerned, Func<Trial, string> one, string many)
    {
        Trial[] trials = [.. run.Trials.Where(concerned)];
        if (trials.Length < 3) return trials.Select(trial => new Banner(label, Sentence(one(trial)), false));
        string[] variants = [.. trials.GroupBy(VariantNaming.Of).Select(v => $"{v.Count()} of {v.Key}")];
        string which = variants.Length <= VariantsLimit
            ? string.Join(", ", variants)
            : $"{string.Join(", ", variants.Take(VariantsLimit))}, and some of {variants.Length - VariantsLimit} more variants";
        return [new Banner(label, Sentence($"{trials.Length} of {run.Trials.Count} trials {many} ({which})"), false)];
    }

    private static string Name(Trial trial) => $"trial {trial.Index + 1} ({VariantNaming.Of(trial)})";

    private static string Sentence(string text)
    {
        string line = PlainText.OneLine(text);
        if (line.Length == 0) return line;
        return char.ToUpperInvariant(line[0]) + line[1..] + (line[^1] is '.' or '!' or '?' ? "" : ".");
    }
}
