namespace Harness.Targets;

public enum TargetKind
{
    /// <summary>The reference engine, started by the harness.</summary>
    Engine,

    /// <summary>Apache Kafka from <c>$KAFKA_HOME</c>, started by the harness.</summary>
    Kafka,

    /// <summary>A broker that runs already.</summary>
    Address,
}

/// <summary>
/// A target as a user names it: <c>engine</c>, <c>kafka</c>, each with configuration behind it (<c>engine+log.segment.bytes=64MiB</c>), or
/// <c>kafka://host:port</c>; <c>engine@REV</c> is the engine of another revision of this repository. Says what is meant; starts and looks up nothing.
/// </summary>
public sealed record TargetSpec
{
    /// <summary>What may be written, in words.</summary>
    public const string Allowed = "engine | engine@REVISION | kafka, each with +key=value behind it | kafka://HOST:PORT";

    private const string AddressPrefix = "kafka://";

    /// <summary>Names by which targets begin, for suggestions.</summary>
    public static IReadOnlyList<string> Names { get; } = ["engine", "kafka"];

    private const string RevisionPrefix = "engine@";
    private static readonly string[] Planned = ["docker://", "kfake"];

    public required TargetKind Kind { get; init; }

    /// <summary>As written.</summary>
    public required string Text { get; init; }

    /// <summary>Configuration of the broker in the order written; values may still have units.</summary>
    public IReadOnlyList<KeyValuePair<string, string>> Settings { get; init; } = [];

    /// <summary>Of an engine: the revision of this repository to build it from; null for the one that was built with the harness.</summary>
    public string? Revision { get; init; }

    /// <summary>Of <see cref="TargetKind.Address"/>: where to ask first.</summary>
    public BrokerAddress? Address { get; init; }

    /// <param name="problem">What is wrong, without the text itself; empty on success.</param>
    public static bool TryParse(string text, out TargetSpec? spec, out string problem)
    {
        ArgumentNullException.ThrowIfNull(text);
        spec = null;
        if (Array.Find(Planned, planned => text.StartsWith(planned, StringComparison.Ordinal)) is not null)
        {
            problem = "is not supported in this version";
            return false;
        }

        return text.StartsWith(AddressPrefix, StringComparison.Ordinal)
            ? TryParseAddress(text, out spec, out problem)
            : TryParseStarted(text, out spec, out problem);
    }

    private static bool TryParseAddress(string text, out TargetSpec? spec, out string problem)
    {
        spec = null;
        string rest = text[AddressPrefix.Length..];
        if (rest.Contains('+', StringComparison.Ordinal))
        {
            problem = "is a broker that runs already, which is not ours to configure: no '+' behind its address";
            return false;
        }

        // The others are for when the first does not answer; here one that does is enough.
        string first = rest.Split(',')[0];
        if (!rest.Split(',').All(part => BrokerAddress.TryParse(part, out _)) || !BrokerAddress.TryParse(first, out BrokerAddress address))
        {
            problem = $"has no address behind {AddressPrefix}: HOST:PORT is wanted, IPv6 as [HOST]:PORT";
            return false;
        }

        spec = new TargetSpec { Kind = TargetKind.Address, Text = text, Address = address };
        problem = "";
        return true;
    }

    private static bool TryParseStarted(string text, out TargetSpec? spec, out string problem)
    {
        spec = null;
        string[] parts = text.Split('+');
        string? revision = parts[0].StartsWith(RevisionPrefix, StringComparison.Ordinal) ? parts[0][RevisionPrefix.Length..] : null;
        if (revision is "" || revision?.StartsWith('-') == true)
        {
            problem = "names no revision behind the '@'";
            return false;
        }

        TargetKind? kind = revision is not null ? TargetKind.Engine : parts[0] switch { "engine" => TargetKind.Engine, "kafka" => TargetKind.Kafka, _ => null };
        if (kind is null)
        {
            problem = "is not a target";
            return false;
        }

        List<KeyValuePair<string, string>> settings = [];
        foreach (string part in parts[1..])
        {
            int equals = part.IndexOf('=', StringComparison.Ordinal);
            if (equals <= 0)
            {
                problem = $"has '{part}' behind a '+' where key=value is wanted";
                return false;
            }

            string key = part[..equals];
            if (settings.Any(setting => setting.Key == key))
            {
                problem = $"sets {key} twice";
                return false;
            }

            settings.Add(new(key, part[(equals + 1)..]));
        }

        spec = new TargetSpec { Kind = kind.Value, Text = text, Revision = revision, Settings = settings };
        problem = "";
        return true;
    }
}
