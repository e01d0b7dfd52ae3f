using System.CommandLine;
using System.Net;
using Engine.Server;

const int UsageExit = 2;
const int EnvironmentExit = 5;

Option<string> listen = new("--listen") { Description = "Address and port to listen on; port 0 takes a free one.", DefaultValueFactory = _ => "127.0.0.1:9092" };
Option<string> data = new("--data") { Description = "Data directory; created if missing.", DefaultValueFactory = _ => "data" };
Option<string?> advertise = new("--advertise") { Description = "HOST:PORT that clients are told to connect to; required when listening on a wildcard address." };
Option<string?> metrics = new("--metrics") { Description = "HOST:PORT that answers HTTP GET with the engine's counters in Prometheus text." };
Option<string?> config = new("--config") { Description = "Properties file with settings by Kafka's broker names." };
Option<string[]> set = new("--set") { Description = "KEY=VALUE: one setting, over those of the file. May be repeated.", DefaultValueFactory = _ => [] };
Option<bool> exitWithParent = new("--exit-with-parent") { Description = "End when standard input ends: for programs that start the engine." };
RootCommand root = new("Log broker engine that speaks the Kafka protocol. Runs in the foreground; SIGTERM or Ctrl-C ends it cleanly.")
{
    listen, data, advertise, metrics, config, set, exitWithParent,
};
root.SetAction(parse =>
{
    ServerConfig settings = ServerConfig.Default;
    if (parse.GetValue(config) is { } file)
    {
        settings = settings.WithFile(file);
    }

    foreach (string pair in parse.GetValue(set)!)
    {
        int separator = pair.IndexOf('=', StringComparison.Ordinal);
        settings = separator > 0
            ? settings.With(pair[..separator], pair[(separator + 1)..], "--set")
            : throw new ConfigException($"--set {pair}: not KEY=VALUE");
    }

    IPEndPoint endPoint = Addresses.ParseListen("--listen", parse.GetValue(listen)!);
    DnsEndPoint? advertised = parse.GetValue(advertise) is { } address ? Addresses.ParseHost("--advertise", address) : null;
    if (advertised is null && (endPoint.Address.Equals(IPAddress.Any) || endPoint.Address.Equals(IPAddress.IPv6Any)))
    {
        throw new ConfigException($"--listen {endPoint}: a wildcard address needs --advertise HOST:PORT, the address clients can reach");
    }

    return Foreground.Run(new ServerOptions
    {
        Listen = endPoint,
        DataDirectory = Path.GetFullPath(parse.GetValue(data)!),
        Advertise = advertised,
        Metrics = parse.GetValue(metrics) is { } page ? Addresses.ParseListen("--metrics", page) : null,
        ExitWithParent = parse.GetValue(exitWithParent),
        Config = settings,
    });
});

ParseResult result = root.Parse(args);
if (result.Errors.Count > 0)
{
    Console.Error.WriteLine($"engine: {result.Errors[0].Message}");
    return UsageExit;
}

try
{
    return result.Invoke(new InvocationConfiguration { EnableDefaultExceptionHandler = false });
}
catch (ConfigException refused)
{
    Console.Error.WriteLine($"engine: {refused.Message}");
    return UsageExit;
}
catch (Exception environment) when (environment is IOException or UnauthorizedAccessException or System.Net.Sockets.SocketException)
{
    Console.Error.WriteLine($"engine: {environment.Message}");
    return EnvironmentExit;
}
