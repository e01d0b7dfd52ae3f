using Reports.Formatting;
using Results;

namespace Reports.Model;

/// <summary>The figures that people quote.</summary>
/// <param name="Void">A verification failed: the figures are shown, struck out.</param>
/// <param name="Partial">No trial completed; the figures are of what there was.</param>
public sealed record Headline(string Name, string Product, bool Void, bool Partial, IReadOnlyList<Figure> Figures)
{
    /// <summary>Of one variant: several are told side by side, and figures this large for each would hide the comparison.</summary>
    internal static IReadOnlyList<Headline> Of(RunResult run)
    {
        IReadOnlyList<VariantInfo> variants = VariantNaming.Measured(run);
        return variants is [VariantInfo only] && Of(run, only, RunVariants.TrialsOf(run, only)) is { } headline ? [headline] : [];
    }

    private static Headline? Of(RunResult run, VariantInfo variant, IReadOnlyList<Trial> trials)
    {
        Trial[] completed = [.. trials.Where(t => t.Status == TrialStatus.Completed)];
        Trial[] counted = completed.Length > 0 ? completed : [.. trials];
        Flow flow = Flow.Headline(variant.Scenario);
        if (Spread.Of(counted.Select(flow.MessagesPerSecond).OfType<double>()) is not { } rate) return null;
        Spread bytes = Spread.Of(counted.Select(flow.ValueBytesPerSecond).OfType<double>()) ?? new Spread(0, 0, 0, 0);

        List<Figure> figures =
        [
            new("Messages", Format.Rate(rate.Median), Detail(flow.Name, rate, Format.Si)),
            new("Values", Format.BytesPerSecond(bytes.Median), Detail($"{flow.Name}, framing not counted", bytes, Format.BytesPerSecond)),
        ];
        AddExpectation(figures, variant.Scenario, flow, rate.Median, bytes.Median);
        if (Spread.Of(counted.Select(t => t.BarePipelineShare).OfType<double>()) is { } bare)
        {
            Spread? ceiling = Spread.Of(counted.Select(t => t.BarePipelineBytesPerSecond).OfType<double>());
            string of = ceiling is null ? "measured in the same run" : $"of {Format.BytesPerSecond(ceiling.Median)} on the wire, same run";
            figures.Add(new Figure("Of the bare pipeline", Format.Percent(bare.Median), of));
        }

        return new Headline(PlainText.OneLine(variant.Name), ProductOf(run, variant.Target), trials.Any(t => t.Verification.Violated), completed.Length == 0, figures);
    }

    private static void AddExpectation(List<Figure> figures, ScenarioInfo scenario, Flow flow, double rate, double bytes)
    {
        RateExpectation[] wanted = [.. scenario.Expect.Select(RateExpectation.Parse).OfType<RateExpectation>().Where(e => e.Flow == flow.Metric)];
        double[] shares = [.. wanted.Select(e => (e.InBytes ? bytes : rate) / e.PerSecond)];
        if (shares.Length == 0) return;
        string[] texts = [.. wanted.Select(e => e.Text)];
        // What is claimed together holds together: the weaker of the two shares is the share of the claim.
        figures.Add(new Figure(
            scenario.Claim is null ? "Of the expectation" : "Of the claim",
            Format.Percent(shares.Min()),
            "of " + string.Join(", ", texts.Zip(shares, (text, share) => shares.Length == 1 ? text : $"{text}: {Format.Percent(share)}"))));
    }

    private static string Detail(string what, Spread spread, Func<double, string> format) =>
        spread.Count < 2 ? what : $"{what}; median of {spread.Count}, {format(spread.Min)} to {format(spread.Max)}";

    private static string ProductOf(RunResult run, string target) =>
        run.Targets.FirstOrDefault(t => t.Name == target) is { } info ? $"{info.Product} {info.Version}".Trim() : target;
}

/// <param name="Detail">What the figure is of, in a few words.</param>
public sealed record Figure(string Name, string Value, string Detail);
