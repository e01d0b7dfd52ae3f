using System.Net;
using Engine.Wire;
using Harness.Load;
using Harness.Targets;
using Results;

namespace Harness.Runs;

/// <summary>
/// Sends a few batches through a broker as raw bytes and compares what it serves, and what lies in its files, with what was sent. In a topic of
/// its own, before the trials: it measures no speed and disturbs none.
/// </summary>
internal static class BatchChecking
{
    private static readonly TimeSpan ServedTimeout = TimeSpan.FromSeconds(30);

    /// <summary>One record, the article's thirty, and many; plain, and compressed by what needs no library.</summary>
    private static readonly (int Records, CompressionType Compression)[] Batches =
    [
        (1, CompressionType.None), (30, CompressionType.None), (1000, CompressionType.None), (1000, CompressionType.Gzip),
    ];

    public static async Task<IReadOnlyList<BatchCheck>> RunAsync(ITarget target, string topic, CancellationToken cancellation)
    {
        using KafkaAdmin admin = await KafkaAdmin.ConnectAsync(target.Address, cancellation: cancellation).ConfigureAwait(false);
        await admin.CreateTopicAsync(topic, 1, 1, new Dictionary<string, string>(), cancellation).ConfigureAwait(false);
        try
        {
            await admin.WaitUntilServedAsync(topic, 1, ServedTimeout, cancellation).ConfigureAwait(false);
            IPEndPoint broker = await target.Address.ResolveAsync(cancellation).ConfigureAwait(false);
            return await Task.Run(
                () => (IReadOnlyList<BatchCheck>)[.. Batches.Select(batch => Check(target, broker.ToString(), topic, batch.Records, batch.Compression, cancellation))],
                cancellation).ConfigureAwait(false);
        }
        finally
        {
            await admin.DeleteTopicAsync(topic, CancellationToken.None).ConfigureAwait(false);
        }
    }

    private static BatchCheck Check(
        ITarget target, string broker, string topic, int records, CompressionType compression, CancellationToken cancellation)
    {
        string form = $"{records} record{(records == 1 ? "" : "s")}{(compression == CompressionType.None ? "" : $" {RecordCodec.NameOf(compression)}")}";
        try
        {
            RawBatches batches = RawBatchTrip.Make(broker, topic, records, compression, cancellation);
            bool? served = batches.Served is { } back ? RawBatchTrip.Same(batches.Sent, back) : null;
            bool? stored = Stored(target, topic, batches.Sent);
            return Found(target, records, compression, batches.Sent.Length, served, stored, $"{form}: {Words("served", served)}, {Words("stored", stored)}");
        }
        catch (BrokerException refused) when (refused.Error is not null)
        {
            return Found(target, records, compression, 0, null, null, $"{form}: refused: {refused.Message}");
        }
    }

    /// <summary>Null where no file of the broker's can be read.</summary>
    private static bool? Stored(ITarget target, string topic, byte[] sent)
    {
        string[] files = [.. BrokerFiles.FoldersOf(target, topic).SelectMany(folder => Directory.EnumerateFiles(folder, "*.log"))];
        return files.Length == 0 ? null : files.Any(file => RawBatchTrip.Holds(File.ReadAllBytes(file), sent));
    }

    private static string Words(string how, bool? equal) => equal switch
    {
        true => $"{how} byte for byte as sent",
        false => $"{how} not as sent",
        null => $"not seen as {how}",
    };

    private static BatchCheck Found(
        ITarget target, int records, CompressionType compression, int bytes, bool? served, bool? stored, string finding) => new()
        {
            Target = target.Name,
            Records = records,
            Compression = RecordCodec.NameOf(compression),
            BatchBytes = bytes,
            ServedEqual = served,
            StoredEqual = stored,
            Finding = finding,
        };
}
