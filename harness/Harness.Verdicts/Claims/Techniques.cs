using Harness.Verdicts.Judging;

namespace Harness.Verdicts.Claims;

/// <summary>Which of the four techniques a target is asked to use, by its name: what is not said is on.</summary>
internal sealed record Techniques(bool Batching, bool Log, bool Cache, bool Transfer)
{
    public const string BatchingKey = "technique.batching";
    public const string LogKey = "technique.log";
    public const string CacheKey = "technique.cache";
    public const string TransferKey = "technique.transfer";
    private const string Prefix = "technique.";
    private const string Validation = "record.validation";

    public static readonly Techniques All = new(true, true, true, true);
    public static readonly Techniques None = new(false, false, false, false);

    /// <summary>Without the page cache there is nothing that sendfile could send from, so its opposite takes sendfile along.</summary>
    public static Techniques Of(string target)
    {
        IReadOnlyDictionary<string, string> settings = TargetSettings.Of(target);
        bool cache = settings.GetValueOrDefault(CacheKey) != "direct";
        return new Techniques(
            settings.GetValueOrDefault(BatchingKey) != "record",
            settings.GetValueOrDefault(LogKey) != "scattered",
            cache,
            cache && settings.GetValueOrDefault(TransferKey) != "copy");
    }

    /// <summary>The target without what a claim switches: what the claim is judged on.</summary>
    public static string BaseOf(string target)
    {
        string[] parts = target.Split('+');
        return string.Join('+', parts.Take(1).Concat(parts.Skip(1).Where(part =>
            !part.StartsWith(Prefix, StringComparison.Ordinal) && !part.StartsWith(Validation + "=", StringComparison.Ordinal))));
    }

    /// <summary>True where a broker has the switches at all.</summary>
    public static bool CanSwitch(string target) => target.StartsWith("engine", StringComparison.Ordinal);

    public static bool FullValidation(string target) => TargetSettings.Of(target).GetValueOrDefault(Validation) == "full";

    public string Names => this == None ? "none" : string.Join(" + ", On().DefaultIfEmpty("none"));

    private IEnumerable<string> On()
    {
        if (Batching) yield return "batching";
        if (Log) yield return "sequential log";
        if (Cache) yield return "page cache";
        if (Transfer) yield return "sendfile";
    }
}
