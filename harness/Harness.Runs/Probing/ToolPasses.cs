using System.ComponentModel;
using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using Harness.Measure;
using Results;

namespace Harness.Runs;

/// <summary>
/// The same things measured by tools that others wrote: fio on the disk, iperf3 over loopback, each asked for what the probe does: one thread or one
/// connection, synchronous calls, the same blocks and sizes. A tool that is not installed is a figure that says so.
/// </summary>
internal sealed class ToolPasses(string directory, ProbePlan plan)
{
    internal const string FioPrefix = "fio ";
    internal const string IperfPrefix = "iperf3 ";
    private const int KillAfterSeconds = 30;

    private static readonly (string Kind, string Name, string Mode, int Block, string Direction)[] Direct =
    [
        ("disk-sequential-write-direct", "fio --rw=write --direct=1", "write", 4 << 10, "write"),
        ("disk-sequential-write-direct", "fio --rw=write --direct=1", "write", 1 << 20, "write"),
        ("disk-random-write-direct", "fio --rw=randwrite --direct=1", "randwrite", 4 << 10, "write"),
        ("disk-sequential-read-direct", "fio --rw=read --direct=1", "read", 1 << 20, "read"),
        ("disk-random-read-direct", "fio --rw=randread --direct=1", "randread", 4 << 10, "read"),
    ];

    public void Pass(ProbeBook book, CancellationToken cancel)
    {
        foreach ((string kind, string name, string mode, int block, string direction) in Direct)
        {
            Measure(
                book,
                new ProbeSubject(FioPrefix + kind, ProbeGroups.Tools, name, ProbeUnit.BytesPerSecond, block),
                () => ToolOutput.FioBytesPerSecond(Fio(cancel, $"--rw={mode}", "--direct=1", $"--bs={block}"), direction));
        }

        const int batch = 1 << 20;
        Measure(
            book,
            new ProbeSubject($"{FioPrefix}disk-sequential-write-fsync", ProbeGroups.Tools, "fio --rw=write --fsync=32", ProbeUnit.BytesPerSecond, batch),
            () => ToolOutput.FioBytesPerSecond(Fio(cancel, "--rw=write", "--fsync=32", $"--bs={batch}"), "write"));
        const int append = 4096;
        Measure(
            book,
            new ProbeSubject($"{FioPrefix}fsync-p50", ProbeGroups.Tools, "fio --fdatasync=1, p50", ProbeUnit.Nanoseconds, append),
            () => ToolOutput.FioSyncNanos(
                Fio(cancel, "--rw=write", "--fdatasync=1", $"--bs={append}", "--filename=appended.fio", "--overwrite=0", "--fallocate=none", "--unlink=1"), "50.000000"));
        Measure(
            book,
            new ProbeSubject($"{IperfPrefix}loopback", ProbeGroups.Tools, "iperf3 over loopback", ProbeUnit.BytesPerSecond, plan.BatchBytes),
            () => ToolOutput.IperfBytesPerSecond(Iperf(cancel)));
    }

    /// <summary>A sentence for each pair, of the medians.</summary>
    public static IEnumerable<string> Compare(IReadOnlyList<ProbeFigure> figures)
    {
        foreach (ProbeFigure tool in figures.Where(figure => figure is { Group: ProbeGroups.Tools }))
        {
            string program = tool.Kind[..tool.Kind.IndexOf(' ', StringComparison.Ordinal)];
            string kind = tool.Kind[(program.Length + 1)..];
            ProbeFigure? own = figures.FirstOrDefault(figure => figure.Kind == kind && figure.BlockBytes == tool.BlockBytes);
            if (own is { Median: { } ours } && tool.Median is { } theirs && theirs > 0)
            {
                string block = own.BlockBytes is { } bytes ? string.Create(CultureInfo.InvariantCulture, $", {bytes / 1024.0:0.#} KiB") : "";
                yield return string.Create(CultureInfo.InvariantCulture, $"{own.Name}{block}: {ours / theirs * 100:0} % of what {program} says");
            }
        }
    }

    private static void Measure(ProbeBook book, ProbeSubject subject, Func<double> measure)
    {
        try
        {
            book.Add(subject, measure());
        }
        catch (Win32Exception)
        {
            string program = subject.Kind[..subject.Kind.IndexOf(' ', StringComparison.Ordinal)];
            book.Missing(subject, $"{program} is not installed (apt-get install {program})");
        }
    }

    private string Fio(CancellationToken cancel, params string[] arguments) => Run(
        "fio",
        [
            "--name=probe", "--output-format=json", "--ioengine=psync", "--iodepth=1", "--numjobs=1", "--thread", "--overwrite=1",
            "--filename=probe.fio", $"--size={plan.DiskFileBytes}", "--time_based", $"--runtime={plan.ToolSeconds}", .. arguments,
        ],
        cancel);

    private string Iperf(CancellationToken cancel)
    {
        string port = FreePort().ToString(CultureInfo.InvariantCulture);
        using Process server = Start("iperf3", ["--server", "--one-off", "--bind", "127.0.0.1", "--port", port]);
        try
        {
            // The server says nothing that could be waited for; until it listens the client is refused.
            for (int attempt = 0; ; attempt++)
            {
                string said = Run(
                    "iperf3",
                    [
                        "--client", "127.0.0.1", "--port", port, "--time", $"{plan.ToolSeconds}", "--json",
                        "--length", $"{plan.BatchBytes}", "--window", $"{2L * plan.BatchBytes}",
                    ],
                    cancel,
                    mayFail: true);
                if (attempt >= 50 || !said.Contains("Connection refused", StringComparison.Ordinal))
                {
                    return said;
                }

                cancel.WaitHandle.WaitOne(100);
                cancel.ThrowIfCancellationRequested();
            }
        }
        finally
        {
            server.Kill();
            server.WaitForExit();
        }
    }

    private string Run(string program, IReadOnlyList<string> arguments, CancellationToken cancel, bool mayFail = false)
    {
        cancel.ThrowIfCancellationRequested();
        using Process process = Start(program, arguments);
        using CancellationTokenSource limit = CancellationTokenSource.CreateLinkedTokenSource(cancel);
        limit.CancelAfter(TimeSpan.FromSeconds(plan.ToolSeconds + KillAfterSeconds));
        using CancellationTokenRegistration kill = limit.Token.Register(process.Kill);
        Task<string> error = process.StandardError.ReadToEndAsync(CancellationToken.None);
        string output = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        cancel.ThrowIfCancellationRequested();
        return process.ExitCode == 0 || mayFail
            ? output
            : throw new IOException($"{program} ended with {process.ExitCode}: {error.GetAwaiter().GetResult().Trim()}");
    }

    private Process Start(string program, IReadOnlyList<string> arguments) => Process.Start(new ProcessStartInfo(program, arguments)
    {
        WorkingDirectory = directory,
        RedirectStandardOutput = true,
        RedirectStandardError = true,
    })!;

    private static int FreePort()
    {
        using TcpListener listener = new(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }
}
