using System.Globalization;
using System.Text.RegularExpressions;
using Reports.Formatting;

namespace Reports.Model;

/// <summary>
/// An expectation of the scenario that asks for a rate (<c>consume.rate >= 20M/s</c>, <c>consume.bytes >= 600MB/s</c>), read for
/// its number, so that a report can put "93 % of it" beside a figure and a line into a chart. Judging it is not done here.
/// </summary>
internal sealed partial record RateExpectation(string Flow, bool InBytes, double PerSecond)
{
    public string Text => Format.Wanted(PerSecond, InBytes);

    /// <returns>Null for any other expectation.</returns>
    public static RateExpectation? Parse(string text)
    {
        Match match = Pattern().Match(text);
        if (!match.Success) return null;
        double number = double.Parse(match.Groups["number"].Value, CultureInfo.InvariantCulture);
        double factor = match.Groups["prefix"].Value switch
        {
            "k" => 1e3,
            "M" => 1e6,
            "G" => 1e9,
            "Ki" => 1L << 10,
            "Mi" => 1L << 20,
            "Gi" => 1L << 30,
            _ => 1,
        };
        bool inBytes = match.Groups["metric"].Value == "bytes";
        return inBytes == match.Groups["byte"].Success && number > 0 ? new RateExpectation(match.Groups["flow"].Value, inBytes, number * factor) : null;
    }

    [GeneratedRegex(@"^\s*(?<flow>\w+)\.(?<metric>rate|bytes)\s*>=?\s*(?<number>[0-9]{1,15}(\.[0-9]{1,15})?)\s*(?<prefix>Ki|Mi|Gi|k|M|G)?(?<byte>B)?/s\s*$", RegexOptions.CultureInvariant)]
    private static partial Regex Pattern();
}
