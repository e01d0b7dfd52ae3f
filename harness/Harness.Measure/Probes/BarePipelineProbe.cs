using System.Globalization;
using Engine.Linux;
using Results;

namespace Harness.Measure;

/// <summary>
/// What this machine carries when nothing but the kernel is in the way: send → recv → write → sendfile → recv over loopback
/// TCP with bare system calls, one recycled buffer at each end, no protocol. The ceiling that a broker's figure is a share of.
/// <para>
/// A ceiling has to be the strongest arrangement, else every broker looks better than it is, and which it is differs from machine to machine
/// (<see cref="BrokerThreads"/>). One broker thread that does recv, write and sendfile in turn against two (recv + write, sendfile): at 512 KiB 2.0–2.4 against
/// 1.7–1.9 GB/s where the two CPUs are threads of one core, at 256 KiB 1.65 against 2.7 GB/s where they are two cores. Socket
/// buffers of two batches gave the highest and steadiest figures; the kernel's own sizing, buffers from half a batch to eight, receiving a quarter of a batch at once and waiting for whole batches (MSG_WAITALL) were within the noise or below.
/// </para>
/// <para>
/// Each pass makes its ring of files anew and deletes it at the end. Kept between passes it would hold its pages dirty
/// (2 GiB are most of the background limit of a machine with 24 GiB), so that the trials in between ran beside write-back
/// which the probe caused. A new ring on memory that was in use before costs a lap of one to two seconds, which is not counted.
/// </para>
/// Passes run one at a time on the caller's thread plus three or four of their own.
/// </summary>
public sealed class BarePipelineProbe
{
    /// <summary>The ring is warm by then and so is the code; only the connections are new.</summary>
    private const double CheckedWarmupSeconds = 0.25;

    private readonly BarePipelineOptions _options;
    private readonly Func<string, FileDescriptor> _open;
    private readonly PipelineBuffers _buffers;
    private readonly BatchChecksum? _checksum;
    private readonly BrokerThreads _threads = new();
    private readonly List<BarePipelinePass> _passes = [];
    private readonly List<BarePipelinePass> _checkedPasses = [];

    /// <param name="checksum">Has the checked pipeline measured beside the bare one, on the same ring, by this checksum; null: the bare one alone.</param>
    public BarePipelineProbe(BarePipelineOptions options, BatchChecksum? checksum = null)
        : this(options, RingFiles.Create, checksum)
    {
    }

    internal BarePipelineProbe(BarePipelineOptions options, Func<string, FileDescriptor> open, BatchChecksum? checksum = null)
    {
        ArgumentNullException.ThrowIfNull(options);
        options.Check();
        if (checksum is not null)
        {
            ArgumentOutOfRangeException.ThrowIfLessThanOrEqual(options.BatchBytes, sizeof(uint), nameof(options));
        }

        _options = options;
        _checksum = checksum;
        _open = open;
        _buffers = new PipelineBuffers(options.BatchBytes);
    }

    /// <summary>Passes that ended, in order.</summary>
    public IReadOnlyList<BarePipelinePass> Passes => _passes;

    /// <summary>Passes of the checked pipeline, each measured with the bare one of the same position.</summary>
    public IReadOnlyList<BarePipelinePass> CheckedPasses => _checkedPasses;

    /// <summary>
    /// One pass; returns bytes a second as the last receiver saw them. Throws OperationCanceledException when cancelled and
    /// <see cref="LinuxException"/> when a system call fails (a full disk says so); no files are left either way.
    /// </summary>
    public double Pass(CancellationToken cancel)
    {
        cancel.ThrowIfCancellationRequested();
        using RingFiles ring = new(_options, _open);
        BarePipelinePass pass = Measure(_options, null);
        BarePipelinePass? checkedPass = _checksum is null ? null : Measure(_options with { WarmupSeconds = Math.Min(_options.WarmupSeconds, CheckedWarmupSeconds) }, _checksum);
        _passes.Add(pass);
        if (checkedPass is not null)
        {
            _checkedPasses.Add(checkedPass);
        }

        return pass.BytesPerSecond;

        BarePipelinePass Measure(BarePipelineOptions options, BatchChecksum? checksum)
        {
            return _threads.Measure(stage =>
            {
                using PipelineRun run = new(options, ring, _buffers, stage, checksum);
                return run.Measure(cancel);
            });
        }
    }

    /// <summary>The median of the passes so far, of which there must be one.</summary>
    public Ceiling ToCeiling() => ToCeiling(
        CeilingKinds.BarePipeline, "send → recv → write → sendfile → recv with bare system calls over loopback", _passes);

    /// <summary>The same for the checked pipeline; null where it was not asked for.</summary>
    public Ceiling? ToCheckedCeiling() => _checksum is null ? null : ToCeiling(
        CeilingKinds.CheckedPipeline,
        "the bare pipeline with what a correct broker and its clients cannot avoid: one copy into the batch, and its checksum computed by the sender and checked by "
            + "the broker and by the receiver",
        _checkedPasses);

    private Ceiling ToCeiling(string kind, string what, List<BarePipelinePass> passes)
    {
        if (passes.Count == 0)
        {
            throw new InvalidOperationException("The bare pipeline has not been measured yet.");
        }

        string cold = passes.All(pass => pass.RingWarm) ? "" : "; in some pass the ring was not warm when counting began";
        return new Ceiling
        {
            Kind = kind,
            Description = string.Create(
                CultureInfo.InvariantCulture,
                $"{what}, {_options.BatchBytes / 1024.0:0.#} KiB at a time through a ring of {_options.RingBytes / 1048576.0:0.#} MiB "
                + $"of recycled file pages, no protocol, {(_threads.Count == 1 ? "one thread" : "two threads")} in the broker's place; median of {passes.Count}{cold}"),
            BytesPerSecond = ProbeBook.Median([.. passes.Select(pass => pass.BytesPerSecond)])!.Value,
            PassesBytesPerSecond = [.. passes.Select(pass => pass.BytesPerSecond)],
            CpuSecondsPerGigabyte = ProbeBook.Median([.. passes.Select(pass => pass.CpuSecondsPerGigabyte)]),
            BrokerCpuSecondsPerGigabyte = ProbeBook.Median([.. passes.Select(pass => pass.BrokerCpuSecondsPerGigabyte).OfType<double>()]),
        };
    }
}
