using System.Globalization;
using Results;

namespace Harness.Measure;

/// <summary>
/// One stage of the pipeline alone, pass by pass: what a broker that only takes, or only serves, cannot exceed. The ring is made anew for each pass, as in
/// <see cref="BarePipelineProbe"/> and for its reasons. One thread calls it.
/// </summary>
public sealed class StageProbe
{
    /// <summary>Of the filling, whose figure nobody wants.</summary>
    private const double FillPassSeconds = 0.02;

    private readonly BarePipelineOptions _options;
    private readonly PipelineStage _stage;
    private readonly string _kind;
    private readonly string _what;
    private readonly PipelineBuffers _buffers;
    private readonly List<BarePipelinePass> _passes = [];

    private StageProbe(BarePipelineOptions options, PipelineStage stage, string kind, string what)
    {
        ArgumentNullException.ThrowIfNull(options);
        options.Check();
        _options = options;
        _stage = stage;
        _kind = kind;
        _what = what;
        _buffers = new PipelineBuffers(options.BatchBytes, options.Connections);
    }

    /// <summary>Passes that ended, in order.</summary>
    public IReadOnlyList<BarePipelinePass> Passes => _passes;

    /// <summary>send → recv → write.</summary>
    public static StageProbe ToPageCache(BarePipelineOptions options) =>
        new(options, PipelineStage.ToPageCache, CeilingKinds.SocketToPageCache, "send → recv → write to the page cache");

    /// <summary>sendfile → recv, over as many connections as the options say.</summary>
    public static StageProbe BySendfile(BarePipelineOptions options) =>
        new(options, PipelineStage.ServeBySendfile, CeilingKinds.PageCacheToSocket, "sendfile from the page cache → recv");

    /// <summary>One pass; bytes a second as the last receiver saw them. Throws as <see cref="BarePipelineProbe.Pass"/> does.</summary>
    public double Pass(CancellationToken cancel)
    {
        cancel.ThrowIfCancellationRequested();
        using RingFiles ring = new(_options, RingFiles.Create);
        if (_stage == PipelineStage.ServeBySendfile)
        {
            // What is served was written before, by the stage that ends in the page cache; it goes on until every place was.
            using PipelineRun filling = new(_options with { WarmupSeconds = 0, PassSeconds = FillPassSeconds }, ring, _buffers, PipelineStage.ToPageCache);
            filling.Measure(cancel);
        }

        using PipelineRun run = new(_options, ring, _buffers, _stage);
        _passes.Add(run.Measure(cancel));
        return _passes[^1].BytesPerSecond;
    }

    /// <summary>The median of the passes so far, of which there must be one.</summary>
    public Ceiling ToCeiling() => new()
    {
        Kind = _kind,
        Description = string.Create(
            CultureInfo.InvariantCulture,
            $"{_what} with bare system calls over {(_options.Connections > 1 ? $"{_options.Connections} connections of " : "")}loopback, {_options.BatchBytes / 1024.0:0.#} KiB at a time, a ring of "
            + $"{_options.RingBytes / 1048576.0:0.#} MiB of recycled file pages, no protocol; median of {_passes.Count}"),
        BytesPerSecond = ProbeBook.Median([.. _passes.Select(pass => pass.BytesPerSecond)])!.Value,
        PassesBytesPerSecond = [.. _passes.Select(pass => pass.BytesPerSecond)],
        CpuSecondsPerGigabyte = ProbeBook.Median([.. _passes.Select(pass => pass.CpuSecondsPerGigabyte)]),
        BrokerCpuSecondsPerGigabyte = ProbeBook.Median([.. _passes.Select(pass => pass.BrokerCpuSecondsPerGigabyte).OfType<double>()]),
    };
}
