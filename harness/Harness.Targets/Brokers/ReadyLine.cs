using System.Globalization;

namespace Harness.Targets;

/// <summary>
/// The one line that the engine prints on standard output when it serves:
/// <c>ready listen=127.0.0.1:41233 metrics=127.0.0.1:40001 pid=123</c>. Fields stand in any order and unknown ones are passed
/// over; <c>data=</c> takes the rest of the line, because a path may have spaces.
/// </summary>
internal sealed record ReadyLine(BrokerAddress Listen, BrokerAddress? Metrics, int ProcessId)
{
    private const string Start = "ready ";
    private const string RestOfLine = "data=";

    /// <summary>Null when the line is not of this form.</summary>
    internal static ReadyLine? Parse(string line)
    {
        if (!line.StartsWith(Start, StringComparison.Ordinal))
        {
            return null;
        }

        BrokerAddress? listen = null;
        BrokerAddress? metrics = null;
        int processId = 0;
        foreach (string field in line[Start.Length..].Split(' ', StringSplitOptions.RemoveEmptyEntries))
        {
            if (field.StartsWith(RestOfLine, StringComparison.Ordinal))
            {
                break;
            }

            int equals = field.IndexOf('=', StringComparison.Ordinal);
            string value = field[(equals + 1)..];
            BrokerAddress address = default;
            bool good = (equals < 0 ? "" : field[..equals]) switch
            {
                "listen" => BrokerAddress.TryParse(value, out address) && (listen = address) is not null,
                "metrics" => BrokerAddress.TryParse(value, out address) && (metrics = address) is not null,
                "pid" => int.TryParse(value, NumberStyles.None, CultureInfo.InvariantCulture, out processId),
                "" => false,
                _ => true,
            };
            if (!good)
            {
                return null;
            }
        }

        return listen is { } found && processId > 0 ? new ReadyLine(found, metrics, processId) : null;
    }
}
