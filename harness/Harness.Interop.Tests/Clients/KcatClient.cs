using System.Globalization;
using System.Text;
using Harness.Interop.Contract;
using Harness.Interop.Tests.Running;
using Harness.Targets;

namespace Harness.Interop.Tests.Clients;

/// <summary>
/// kcat, by its own options. It has one set of headers and one partition a run, and one way to write null, so that records that differ in these go
/// in runs of their own.
/// </summary>
internal sealed class KcatClient : IClient
{
    private const string Program = "kcat";

    // As no record has them.
    private const string RecordEnd = "<<|R|>>";
    private const string KeyEnd = "<<|K|>>";
    private const string HeadersEnd = "<<|H|>>";

    public string Name => "kcat";

    public string? Missing { get; } = Installed.Program(Program) ? null : "kcat is not installed: apt-get install kcat";

    /// <summary>Header values are arguments of the command line; an empty key cannot be told from null where the value is null, nor the other way round.</summary>
    public bool CanProduce(DriverRecord record) =>
        record.Timestamp is null
        && record.Headers.All(header => header.Value is null || header.Value.All(b => b is >= 0x20 and < 0x7f))
        && !(record.Key is null && record.Value is { Length: 0 })
        && !(record.Key is { Length: 0 } && record.Value is null);

    /// <summary>It prints values of headers to their first NUL.</summary>
    public bool CanConsume(DriverRecord record) => record.Headers.All(header => header.Value?.Contains((byte)0) != true);

    public async Task ProduceAsync(
        BrokerAddress broker, string topic, string codec, int acks, IReadOnlyList<DriverRecord> records, CancellationToken cancellation)
    {
        for (int from = 0; from < records.Count;)
        {
            int to = from + 1;
            while (to < records.Count && Options(records[to]).SequenceEqual(Options(records[from])))
            {
                to++;
            }

            string[] arguments =
            [
                "-b", broker.ToString(), "-t", topic, "-P", "-z", codec, "-X", $"acks={acks}", "-D", RecordEnd, .. Options(records[from]),
            ];
            using MemoryStream input = new();
            foreach (DriverRecord record in records.Skip(from).Take(to - from))
            {
                if (record.Key is not null || record.Value is null)
                {
                    input.Write(record.Key ?? []);
                    input.Write(Encoding.ASCII.GetBytes(KeyEnd));
                }

                input.Write(record.Value ?? []);
                input.Write(Encoding.ASCII.GetBytes(RecordEnd));
            }

            await RunAsync(arguments, input.ToArray(), cancellation);
            from = to;
        }
    }

    public async Task<IReadOnlyList<DriverRecord>> ConsumeAsync(
        BrokerAddress broker, string topic, int partitions, int count, CancellationToken cancellation)
    {
        byte[] output = await RunAsync(
            [
                "-b", broker.ToString(), "-t", topic, "-C", "-o", "beginning", "-e", "-q", "-c", $"{count}", "-X", "check.crcs=true",
                "-f", $"%p %o %T %K %S %k%s%h{HeadersEnd}",
            ],
            input: null,
            cancellation);
        List<DriverRecord> records = [];
        for (int position = 0; position < output.Length;)
        {
            records.Add(Read(output, ref position));
        }

        return records;
    }

    public Task<IGroupMember> JoinAsync(BrokerAddress broker, string group, string topic, TimeSpan sessionTimeout, CancellationToken cancellation)
    {
        LineProcess process = LineProcess.Start(Program,
        [
            "-b", broker.ToString(), "-u", "-f", "%s\\n",
            "-X", $"session.timeout.ms={sessionTimeout.TotalMilliseconds}", "-X", "heartbeat.interval.ms=500",
            "-X", "auto.offset.reset=earliest", "-X", "auto.commit.interval.ms=200", "-X", "check.crcs=true",
            "-G", group, topic,
        ]);
        return Task.FromResult<IGroupMember>(new KcatMember(process, topic));
    }

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;

    /// <summary>What is the same for all records of a run.</summary>
    private static string[] Options(DriverRecord record) =>
    [
        "-p", $"{record.Partition}",
        .. record.Headers.SelectMany(header => (string[])["-H", header.Value is null ? header.Key : $"{header.Key}={Encoding.ASCII.GetString(header.Value)}"]),
        .. record.Value is null ? (string[])["-Z"] : [],
        .. record.Key is not null || record.Value is null ? (string[])["-K", KeyEnd] : [],
    ];

    private static DriverRecord Read(byte[] output, ref int position)
    {
        int partition = (int)Number(output, ref position);
        long offset = Number(output, ref position);
        long timestamp = Number(output, ref position);
        int keyLength = (int)Number(output, ref position);
        int valueLength = (int)Number(output, ref position);
        byte[]? key = Bytes(output, ref position, keyLength);
        byte[]? value = Bytes(output, ref position, valueLength);
        int headersLength = output.AsSpan(position).IndexOf(Encoding.ASCII.GetBytes(HeadersEnd));
        IReadOnlyList<RecordHeader> headers = Headers(Bytes(output, ref position, headersLength)!);
        position += HeadersEnd.Length;
        return new DriverRecord { Partition = partition, Offset = offset, Timestamp = timestamp, Key = key, Value = value, Headers = headers };
    }

    /// <summary>NAME=VALUE, separated by commas; NULL is its word for null.</summary>
    private static List<RecordHeader> Headers(byte[] text)
    {
        List<RecordHeader> headers = [];
        for (int from = 0; from < text.Length;)
        {
            int comma = text.AsSpan(from).IndexOf((byte)',');
            int to = comma < 0 ? text.Length : from + comma;
            int equals = Array.IndexOf(text, (byte)'=', from);
            byte[] value = text[(equals + 1)..to];
            headers.Add(new RecordHeader(Encoding.UTF8.GetString(text, from, equals - from), value.AsSpan().SequenceEqual("NULL"u8) ? null : value));
            from = to + 1;
        }

        return headers;
    }

    private static long Number(byte[] output, ref int position)
    {
        int length = output.AsSpan(position).IndexOf((byte)' ');
        long number = long.Parse(output.AsSpan(position, length), CultureInfo.InvariantCulture);
        position += length + 1;
        return number;
    }

    private static byte[]? Bytes(byte[] output, ref int position, int length)
    {
        if (length < 0)
        {
            return null;
        }

        byte[] bytes = output[position..(position + length)];
        position += length;
        return bytes;
    }

    private static async Task<byte[]> RunAsync(string[] arguments, byte[]? input, CancellationToken cancellation)
    {
        ProgramOutput run = await ProgramRunner.RunAsync(Program, arguments, input, cancellation);
        return run.ExitCode == 0
            ? run.Output
            : throw new InvalidOperationException($"kcat {string.Join(' ', arguments)} ended with exit code {run.ExitCode}: {run.Errors}");
    }
}
