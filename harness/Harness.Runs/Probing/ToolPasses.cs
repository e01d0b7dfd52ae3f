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
/// connection, synchronous calls, the same blocks and sizes, the same file, and the one just behind the other. A tool that is not installed is a figure that says so.
/// </summary>
/// <param name="hugePages">Large direct transfers of fio are from and into huge pages too.</param>
internal sealed class ToolPasses(string directory, ProbePlan plan, bool hugePages)
{
    internal const string FioPrefix = "fio ";
    internal const string IperfPrefix = "iperf3 ";
    private const int KillAfterSeconds = 30;
    private const string HugePages = "--iomem=mmaphuge";
    private const int LargeBlockBytes = 1 << 20;

    /// <summary>fio takes some bytes more than its block of 1 MiB, rounded up to a huge page; with one alone it ends with an error.</summary>
    private const int FioHugePages = 2;

    /// <summary>What each figure of the disk is asked of fio.</summary>
    private static readonly (string Kind, int Block, string Name, string[] Arguments, Func<string, double> Figure)[] Disk =
    [
        ("disk-sequential-write-direct", 4 << 10, "fio --rw=write --direct=1", ["--rw=write", "--direct=1"], Written),
        ("disk-sequential-write-direct", 1 << 20, "fio --rw=write --direct=1", ["--rw=write", "--direct=1"], Written),
        ("disk-random-write-direct", 4 << 10, "fio --rw=randwrite --direct=1", ["--rw=randwrite", "--direct=1"], Written),
        ("disk-sequential-read-direct", 1 << 20, "fio --rw=read --direct=1", ["--rw=read", "--direct=1"], Read),
        ("disk-random-read-direct", 4 << 10, "fio --rw=randread --direct=1", ["--rw=randread", "--direct=1"], Read),
        ("disk-sequential-write-fsync", 1 << 20, "fio --rw=write --fsync=32", ["--rw=write", "--fsync=32"], Written),
        ("fsync-in-place-p50", 4 << 10, "fio --fdatasync=1 in place, p50", ["--rw=write", "--fdatasync=1"], Synced),
        (Growing, 4 << 10, "fio --fdatasync=1 of a new file, p50", ["--rw=write", "--fdatasync=1", "--overwrite=0", "--fallocate=none", "--unlink=1"], Synced),
    ];

    private const string Growing = "fsync-p50";

    /// <summary>Whether fio can have the pages that an administrator reserves: it cannot ask for others.</summary>
    public static bool HugePagesAreFree() => ToolOutput.FreeHugePages(File.ReadAllText("/proc/meminfo")) >= FioHugePages;

    /// <summary>Measures by fio, on the same file, what the probe has just measured; false where there is nothing to compare it with.</summary>
    public bool Beside(ProbeBook book, ProbeSubject own, string path, CancellationToken cancellation)
    {
        if (Disk.FirstOrDefault(figure => figure.Kind == own.Kind && figure.Block == own.BlockBytes) is not { Kind: not null } asked)
        {
            return false;
        }

        bool huge = hugePages && IsLargeDirect(asked.Kind, asked.Block);
        string file = asked.Kind == Growing ? "growing.fio" : path;
        Measure(
            book,
            own with { Kind = FioPrefix + own.Kind, Group = ProbeGroups.Tools, Name = huge ? $"{asked.Name} {HugePages}" : asked.Name },
            () => asked.Figure(Fio(cancellation, [$"--filename={file}", $"--bs={asked.Block}", .. asked.Arguments, .. (string[])(huge ? [HugePages] : [])])));
        return true;
    }

    public void Loopback(ProbeBook book, CancellationToken cancellation) => Measure(
        book,
        new ProbeSubject($"{IperfPrefix}loopback", ProbeGroups.Tools, "iperf3 over loopback", ProbeUnit.BytesPerSecond, plan.BatchBytes),
        () => ToolOutput.IperfBytesPerSecond(Iperf(cancellation)));

    /// <summary>A sentence for each pair: the ratio of those two that were measured beside each other, its median over the rounds.</summary>
    public static IEnumerable<string> Compare(IReadOnlyList<ProbeFigure> figures)
    {
        foreach (ProbeFigure tool in figures.Where(figure => figure is { Group: ProbeGroups.Tools }))
        {
            string program = tool.Kind[..tool.Kind.IndexOf(' ', StringComparison.Ordinal)];
            string kind = tool.Kind[(program.Length + 1)..];
            ProbeFigure? own = figures.FirstOrDefault(figure => figure.Kind == kind && figure.BlockBytes == tool.BlockBytes);
            if (own is { Passes.Count: > 0 } && tool.Passes.Count == own.Passes.Count && tool.Passes.All(pass => pass > 0))
            {
                double[] shares = [.. own.Passes.Zip(tool.Passes, (ours, theirs) => ours / theirs * 100).Order()];
                string rounds = shares.Length > 1 ? string.Create(CultureInfo.InvariantCulture, $" ({shares[0]:0} to {shares[^1]:0} % in {shares.Length} rounds)") : "";
                string block = own.BlockBytes is { } bytes ? string.Create(CultureInfo.InvariantCulture, $", {bytes / 1024.0:0.#} KiB") : "";
                yield return string.Create(CultureInfo.InvariantCulture, $"{own.Name}{block}: {shares[shares.Length / 2]:0} % of what {program} says{rounds}");
            }
        }
    }

    /// <summary>What a reader must know of fio's figures where its large direct transfers had to do with small pages; none otherwise.</summary>
    public static IEnumerable<string> Notes(IReadOnlyList<ProbeFigure> figures) =>
        figures.Any(figure => figure is { Group: ProbeGroups.Tools, Passes.Count: > 0, BlockBytes: { } block }
            && IsLargeDirect(figure.Kind, block)
            && !figure.Name.Contains(HugePages, StringComparison.Ordinal))
            ? ["fio's direct transfers of 1 MiB were from and into small pages, of which a device may take fewer in a request, and which lie differently from start to start: "
                + "for the huge page that the probe has, sysctl -w vm.nr_hugepages=16 before, and =0 behind it"]
            : [];

    private static bool IsLargeDirect(string kind, int block) => block == LargeBlockBytes && kind.EndsWith("-direct", StringComparison.Ordinal);

    private static double Written(string said) => ToolOutput.FioBytesPerSecond(said, "write");

    private static double Read(string said) => ToolOutput.FioBytesPerSecond(said, "read");

    private static double Synced(string said) => ToolOutput.FioSyncNanos(said, "50.000000");

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
            "--name=probe", "--output-format=json", "--ioengine=psync", "--iodepth=1", "--numjobs=1", "--thread", "--overwrite=1", "--scramble_buffers=0",
            $"--size={plan.DiskFileBytes}", "--time_based", $"--runtime={plan.ToolSeconds}", .. arguments,
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
