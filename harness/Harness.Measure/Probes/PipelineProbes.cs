using Engine.Linux;
using Results;

namespace Harness.Measure;

/// <summary>
/// The stages of the pipeline each alone, and the whole of it bare and checked, one after the other on one ring. The ring is made anew for each pass and its
/// first lap, on fresh pages, is not counted; all that is counted meets recycled pages. Why the ring is not kept: <see cref="BarePipelineProbe"/>.
/// </summary>
public sealed class PipelineProbes
{
    private readonly BarePipelineOptions _options;
    private readonly BatchChecksum _checksum;
    private readonly PipelineBuffers _buffers;
    private readonly Func<string, FileDescriptor> _open;
    private readonly BrokerThreads _threads = new();

    /// <param name="options">Its times are those of each stage.</param>
    public PipelineProbes(BarePipelineOptions options, BatchChecksum checksum)
        : this(options, checksum, RingFiles.Create)
    {
    }

    internal PipelineProbes(BarePipelineOptions options, BatchChecksum checksum, Func<string, FileDescriptor> open)
    {
        ArgumentNullException.ThrowIfNull(options);
        ArgumentNullException.ThrowIfNull(checksum);
        options.Check();
        _options = options;
        _checksum = checksum;
        _open = open;
        _buffers = new PipelineBuffers(options.BatchBytes);
    }

    public void Pass(ProbeBook book, CancellationToken cancel)
    {
        ArgumentNullException.ThrowIfNull(book);
        cancel.ThrowIfCancellationRequested();
        using RingFiles ring = new(_options, _open);
        Stage("loopback", ProbeGroups.Sockets, "loopback TCP: send → recv", PipelineStage.Loopback);
        Stage("socket-to-page-cache", ProbeGroups.Sockets, "socket → page cache: recv + write", PipelineStage.ToPageCache);
        Stage("page-cache-to-socket-sendfile", ProbeGroups.Sockets, "page cache → socket: sendfile", PipelineStage.ServeBySendfile);
        Stage("page-cache-to-socket-copy", ProbeGroups.Sockets, "page cache → socket: read + send", PipelineStage.ServeByCopy);
        Book(CeilingKinds.BarePipeline, ProbeGroups.Pipeline, "bare pipeline: all of these, by sendfile", _threads.Measure(stage => Measure(stage)));
        Book(CeilingKinds.CheckedPipeline, ProbeGroups.Pipeline, "checked pipeline: and 1 copy, 3 × CRC-32C", _threads.Measure(stage => Measure(stage, _checksum)));

        void Stage(string kind, string group, string name, PipelineStage stage) =>
            Book(kind, group, name, Measure(stage), serves: stage is PipelineStage.ServeBySendfile or PipelineStage.ServeByCopy);

        BarePipelinePass Measure(PipelineStage stage, BatchChecksum? checksum = null)
        {
            using PipelineRun run = new(_options, ring, _buffers, stage, checksum);
            return run.Measure(cancel);
        }

        void Book(string kind, string group, string name, BarePipelinePass pass, bool serves = false)
        {
            ProbeSubject subject = new(kind, group, name, ProbeUnit.BytesPerSecond, _options.BatchBytes);
            book.Add(subject, pass.BytesPerSecond, pass.CpuSecondsPerGigabyte, serves ? pass.BrokerCpuSecondsPerGigabyte : null);
        }
    }
}
