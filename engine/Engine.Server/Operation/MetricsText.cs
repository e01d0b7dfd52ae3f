using System.Globalization;
using System.Text;
using Engine.Wire;

namespace Engine.Server;

/// <summary>What the engine tells of itself, in Prometheus text. Made anew for each reader; the loops' counters are read while they count.</summary>
internal sealed class MetricsText
{
    private const int TopicsListedMax = 1000;

    private readonly StringBuilder _page = new();
    private readonly IReadOnlyList<EventLoop> _loops;
    private readonly Dispatcher _dispatcher;

    public MetricsText(IReadOnlyList<EventLoop> loops, Dispatcher dispatcher, TopicTable topics, GcPauses pauses)
    {
        _loops = loops;
        _dispatcher = dispatcher;
        AddRequests();
        AddConnections();
        AddLogs(topics);
        AddProcess();
        AddPauses(pauses);
    }

    public override string ToString() => _page.ToString();

    private void AddRequests()
    {
        Counter("engine_requests_total", "Requests handled.", Sum(counters => Volatile.Read(ref counters.Requests)));
        Counter("engine_produce_bytes_total", "Bytes of batches appended.", Sum(counters => Volatile.Read(ref counters.ProduceBytes)));
        Counter("engine_fetch_bytes_total", "Bytes of batches queued to consumers.", Sum(counters => Volatile.Read(ref counters.FetchBytes)));
        Head("engine_api_requests_total", "Requests handled, by API.", "counter");
        foreach (ApiRange api in Apis.Served)
        {
            Sample($"engine_api_requests_total{{api=\"{api.Key}\"}}", Sum(counters => Volatile.Read(ref counters.RequestsOf(api.Key))));
        }

        Head("engine_api_errors_total", "Errors answered, by API and error.", "counter");
        foreach (ApiRange api in Apis.Served)
        {
            foreach (var error in _loops.SelectMany(loop => loop.Counters.ErrorsOf(api.Key).Counts).GroupBy(error => error.Error))
            {
                Sample($"engine_api_errors_total{{api=\"{api.Key}\",error=\"{error.Key}\"}}", error.Sum(e => e.Count));
            }
        }

        Counter("engine_refused_total", "Inputs refused: malformed, unserved, or over a limit.", _dispatcher.Log.RefusedCount);
        Counter("engine_log_suppressed_total", "Log lines held back because there were too many of their reason.", _dispatcher.Log.SuppressedCount);
    }

    private void AddConnections()
    {
        Gauge("engine_connections", "Open connections.", _dispatcher.OpenConnections);
        Counter("engine_connections_accepted_total", "Connections accepted.", _dispatcher.Connections.Accepted);
        Counter("engine_connections_refused_total", "Connections refused by a limit.", _dispatcher.Connections.Refused);
        Head("engine_connections_expired_total", "Connections closed because nothing went over them.", "counter");
        Sample("engine_connections_expired_total{reason=\"idle\"}", Sum(counters => Volatile.Read(ref counters.Idle)));
        Sample("engine_connections_expired_total{reason=\"stalled\"}", Sum(counters => Volatile.Read(ref counters.Stalled)));
        Counter("engine_network_received_bytes_total", "Bytes received from clients.", Sum(counters => Volatile.Read(ref counters.ReceivedBytes)));
        Counter("engine_network_sent_bytes_total", "Bytes sent to clients.", Sum(counters => Volatile.Read(ref counters.SentBytes)));
        Gauge("engine_request_buffer_bytes", "Receive buffers that hold requests or the beginnings of them.", _loops.Sum(loop => loop.Buffers.RentedBytes));
        Gauge("engine_free_buffer_bytes", "Receive buffers kept for the next requests.", _loops.Sum(loop => loop.Buffers.FreeBytes));
        Gauge("engine_unsent_answer_bytes", "Answers in memory that wait to be sent.", Sum(counters => Volatile.Read(ref counters.UnsentBytes)));
        Gauge("engine_fetch_waiters", "Places in the lists of parked fetches.", _dispatcher.FetchWaiters.Entries);
    }

    private void AddLogs(TopicTable topics)
    {
        IReadOnlyCollection<TopicEntry> all = topics.All;
        Gauge("engine_topics", "Topics.", all.Count);
        Gauge("engine_partitions", "Partitions of all topics.", all.Sum(topic => topic.Partitions.Count));
        Counter("engine_cold_reads_total", "Reads that the page cache could not serve, handed to reader threads.", _dispatcher.ColdReaders.Reads);
        Gauge("engine_cold_reads_waiting", "Such reads that no thread has begun.", _dispatcher.ColdReaders.Waiting);
        Gauge("engine_groups", "Consumer groups, those without members included.", _dispatcher.Groups.GroupCount);
        Head("engine_topic_log_bytes", "Bytes of the logs of a topic's partitions.", "gauge");
        foreach (TopicEntry topic in all.OrderByDescending(topic => topic.Partitions.Count).Take(TopicsListedMax))
        {
            // Names of topics hold nothing that would have to be escaped.
            Sample($"engine_topic_log_bytes{{topic=\"{topic.Name}\"}}", topic.Partitions.Sum(partition => partition.Log.SizeBytes));
        }
    }

    private void AddProcess()
    {
        Counter("dotnet_gc_allocated_bytes_total", "Bytes allocated on the managed heap.", GC.GetTotalAllocatedBytes(precise: true));
        Counter("dotnet_gc_collections_total", "Garbage collections.", GC.CollectionCount(0));
        Gauge("dotnet_gc_heap_bytes", "Bytes of the managed heap in use.", GC.GetTotalMemory(forceFullCollection: false));
        Gauge("dotnet_gc_collected_heap_bytes", "Bytes of the managed heap behind the last collection.", GC.GetGCMemoryInfo().HeapSizeBytes);
        Gauge("process_resident_memory_bytes", "Memory of the process that is resident.", Environment.WorkingSet);
        Counter("process_cpu_seconds_total", "CPU time of the process.", Environment.CpuUsage.TotalTime.TotalSeconds);
    }

    private void AddPauses(GcPauses pauses)
    {
        const string name = "dotnet_gc_pause_seconds";
        long[] counts = pauses.Read(out TimeSpan total);
        long below = 0;
        Head(name, "Pauses of garbage collections, by length.", "histogram");
        for (int bucket = 0; bucket < counts.Length; bucket++)
        {
            below += counts[bucket];
            string max = bucket < GcPauses.BucketsMaxSeconds.Length ? GcPauses.BucketsMaxSeconds[bucket].ToString("0.#####", CultureInfo.InvariantCulture) : "+Inf";
            Sample($"{name}_bucket{{le=\"{max}\"}}", below);
        }

        Sample($"{name}_sum", total.TotalSeconds);
        Sample($"{name}_count", below);
    }

    private long Sum(Func<LoopCounters, long> value) => _loops.Sum(loop => value(loop.Counters));

    private void Counter(string name, string help, double value) => Single(name, help, "counter", value);

    private void Gauge(string name, string help, double value) => Single(name, help, "gauge", value);

    private void Single(string name, string help, string type, double value)
    {
        Head(name, help, type);
        Sample(name, value);
    }

    private void Head(string name, string help, string type) => _page.Append($"# HELP {name} {help}\n# TYPE {name} {type}\n");

    private void Sample(string series, double value) => _page.Append(series).Append(' ').Append(value.ToString("R", CultureInfo.InvariantCulture)).Append('\n');
}
