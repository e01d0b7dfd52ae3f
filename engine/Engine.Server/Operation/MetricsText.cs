using System.Globalization;
using System.Text;
using Engine.Wire;

namespace Engine.Server;

/// <summary>
/// What the engine tells of itself, in Prometheus text; the loops' counters are read while they count. It is written into memory that is kept for the next
/// reader, from constants and without LINQ: what the engine allocates is among the counters, and a reading must not be most of it. Belongs to one thread.
/// </summary>
internal sealed class MetricsText
{
    private const int TopicsListedMax = 1000;
    private const int LabelBytesMax = 256;
    private const int NumberBytesMax = 32;
    private const int PageBytes = 16 * 1024;

    private static readonly string[] PauseLabels =
        [.. GcPauses.BucketsMaxSeconds.Select(seconds => seconds.ToString("0.#####", CultureInfo.InvariantCulture)), "+Inf"];

    private readonly WireBuffer _page = new(PageBytes);
    private readonly List<TopicEntry> _listed = [];
    private readonly IReadOnlyList<EventLoop> _loops;
    private readonly Dispatcher _dispatcher;
    private readonly TopicTable _topics;
    private readonly GcPauses _pauses;

    public MetricsText(IReadOnlyList<EventLoop> loops, Dispatcher dispatcher, TopicTable topics, GcPauses pauses)
    {
        _loops = loops;
        _dispatcher = dispatcher;
        _topics = topics;
        _pauses = pauses;
    }

    /// <summary>The page as of now; valid until it is written again.</summary>
    public ReadOnlySpan<byte> Write()
    {
        _page.Clear();
        AddRequests();
        AddConnections();
        AddLogs();
        AddProcess();
        AddPauses();
        return _page.Written;
    }

    private void AddRequests()
    {
        Counter("engine_requests_total"u8, "Requests handled."u8, Sum(static counters => Volatile.Read(ref counters.Requests)));
        Counter("engine_produce_bytes_total"u8, "Bytes of batches appended."u8, Sum(static counters => Volatile.Read(ref counters.ProduceBytes)));
        Counter("engine_fetch_bytes_total"u8, "Bytes of batches queued to consumers."u8, Sum(static counters => Volatile.Read(ref counters.FetchBytes)));
        Head("engine_api_requests_total"u8, "Requests handled, by API."u8, "counter"u8);
        for (int i = 0; i < Apis.Served.Count; i++)
        {
            AddRequestsOf(Apis.Served[i].Key);
        }

        Head("engine_api_errors_total"u8, "Errors answered, by API and error."u8, "counter"u8);
        for (int i = 0; i < Apis.Served.Count; i++)
        {
            AddErrorsOf(Apis.Served[i].Key);
        }

        Counter("engine_refused_total"u8, "Inputs refused: malformed, unserved, or over a limit."u8, _dispatcher.Log.RefusedCount);
        Counter("engine_log_suppressed_total"u8, "Log lines held back because there were too many of their reason."u8, _dispatcher.Log.SuppressedCount);
    }

    private void AddRequestsOf(ApiKey api)
    {
        long requests = 0;
        for (int loop = 0; loop < _loops.Count; loop++)
        {
            requests += Volatile.Read(ref _loops[loop].Counters.RequestsOf(api));
        }

        _page.WriteRaw("engine_api_requests_total"u8);
        Label("{api"u8, Enum.GetName(api)!);
        Value("}"u8, requests);
    }

    private void AddErrorsOf(ApiKey api)
    {
        for (ErrorCode error = ErrorTally.First; error <= ErrorTally.Last; error++)
        {
            long count = 0;
            for (int loop = 0; loop < _loops.Count; loop++)
            {
                count += _loops[loop].Counters.ErrorsOf(api).CountOf(error);
            }

            if (count > 0)
            {
                _page.WriteRaw("engine_api_errors_total"u8);
                Label("{api"u8, Enum.GetName(api)!);
                Label(",error"u8, Enum.GetName(error) ?? error.ToString());
                Value("}"u8, count);
            }
        }
    }

    private void AddConnections()
    {
        Gauge("engine_connections"u8, "Open connections."u8, _dispatcher.OpenConnections);
        Counter("engine_connections_accepted_total"u8, "Connections accepted."u8, _dispatcher.Connections.Accepted);
        Counter("engine_connections_refused_total"u8, "Connections refused by a limit."u8, _dispatcher.Connections.Refused);
        Head("engine_connections_expired_total"u8, "Connections closed because nothing went over them."u8, "counter"u8);
        Value("engine_connections_expired_total{reason=\"idle\"}"u8, Sum(static counters => Volatile.Read(ref counters.Idle)));
        Value("engine_connections_expired_total{reason=\"stalled\"}"u8, Sum(static counters => Volatile.Read(ref counters.Stalled)));
        Counter("engine_network_received_bytes_total"u8, "Bytes received from clients."u8, Sum(static counters => Volatile.Read(ref counters.ReceivedBytes)));
        Counter("engine_network_sent_bytes_total"u8, "Bytes sent to clients."u8, Sum(static counters => Volatile.Read(ref counters.SentBytes)));
        long rentedBytes = 0;
        long freeBytes = 0;
        for (int loop = 0; loop < _loops.Count; loop++)
        {
            rentedBytes += _loops[loop].Buffers.RentedBytes;
            freeBytes += _loops[loop].Buffers.FreeBytes;
        }

        Gauge("engine_request_buffer_bytes"u8, "Receive buffers that hold requests or the beginnings of them."u8, rentedBytes);
        Gauge("engine_free_buffer_bytes"u8, "Receive buffers kept for the next requests."u8, freeBytes);
        Gauge("engine_unsent_answer_bytes"u8, "Answers in memory that wait to be sent."u8, Sum(static counters => Volatile.Read(ref counters.UnsentBytes)));
        Gauge("engine_fetch_waiters"u8, "Places in the lists of parked fetches."u8, _dispatcher.FetchWaiters.Entries);
    }

    private void AddLogs()
    {
        // Those of many partitions first, in case there are too many topics to list.
        _listed.AddRange(_topics.All);
        _listed.Sort(static (one, other) => other.Partitions.Count.CompareTo(one.Partitions.Count));
        int partitions = 0;
        foreach (TopicEntry topic in _listed)
        {
            partitions += topic.Partitions.Count;
        }

        Gauge("engine_topics"u8, "Topics."u8, _listed.Count);
        Gauge("engine_partitions"u8, "Partitions of all topics."u8, partitions);
        Counter("engine_cold_reads_total"u8, "Reads that the page cache could not serve, handed to reader threads."u8, _dispatcher.ColdReaders.Reads);
        Gauge("engine_cold_reads_waiting"u8, "Such reads that no thread has begun."u8, _dispatcher.ColdReaders.Waiting);
        Gauge("engine_groups"u8, "Consumer groups, those without members included."u8, _dispatcher.Groups.GroupCount);
        Head("engine_topic_log_bytes"u8, "Bytes of the logs of a topic's partitions."u8, "gauge"u8);
        for (int i = 0; i < Math.Min(_listed.Count, TopicsListedMax); i++)
        {
            _page.WriteRaw("engine_topic_log_bytes"u8);
            Label("{topic"u8, _listed[i].Name);
            Value("}"u8, LogBytes(_listed[i].Partitions));
        }

        _listed.Clear();
    }

    private void AddProcess()
    {
        Counter("dotnet_gc_allocated_bytes_total"u8, "Bytes allocated on the managed heap."u8, GC.GetTotalAllocatedBytes(precise: true));
        Counter("dotnet_gc_collections_total"u8, "Garbage collections."u8, GC.CollectionCount(0));
        Gauge("dotnet_gc_heap_bytes"u8, "Bytes of the managed heap in use."u8, GC.GetTotalMemory(forceFullCollection: false));
        Gauge("dotnet_gc_collected_heap_bytes"u8, "Bytes of the managed heap behind the last collection."u8, GC.GetGCMemoryInfo().HeapSizeBytes);
        Gauge("process_resident_memory_bytes"u8, "Memory of the process that is resident."u8, Environment.WorkingSet);
        Counter("process_cpu_seconds_total"u8, "CPU time of the process."u8, Environment.CpuUsage.TotalTime.TotalSeconds);
    }

    private void AddPauses()
    {
        long[] counts = _pauses.Read(out TimeSpan total);
        long below = 0;
        Head("dotnet_gc_pause_seconds"u8, "Pauses of garbage collections, by length."u8, "histogram"u8);
        for (int bucket = 0; bucket < counts.Length; bucket++)
        {
            below += counts[bucket];
            _page.WriteRaw("dotnet_gc_pause_seconds_bucket"u8);
            Label("{le"u8, PauseLabels[bucket]);
            Value("}"u8, below);
        }

        Value("dotnet_gc_pause_seconds_sum"u8, total.TotalSeconds);
        Value("dotnet_gc_pause_seconds_count"u8, below);
    }

    private static long LogBytes(IReadOnlyList<Partition> partitions)
    {
        long bytes = 0;
        for (int i = 0; i < partitions.Count; i++)
        {
            bytes += partitions[i].Log.SizeBytes;
        }

        return bytes;
    }

    private long Sum(Func<LoopCounters, long> value)
    {
        long sum = 0;
        for (int loop = 0; loop < _loops.Count; loop++)
        {
            sum += value(_loops[loop].Counters);
        }

        return sum;
    }

    private void Counter(ReadOnlySpan<byte> name, ReadOnlySpan<byte> help, double value) => Single(name, help, "counter"u8, value);

    private void Gauge(ReadOnlySpan<byte> name, ReadOnlySpan<byte> help, double value) => Single(name, help, "gauge"u8, value);

    private void Single(ReadOnlySpan<byte> name, ReadOnlySpan<byte> help, ReadOnlySpan<byte> type, double value)
    {
        Head(name, help, type);
        Value(name, value);
    }

    private void Head(ReadOnlySpan<byte> name, ReadOnlySpan<byte> help, ReadOnlySpan<byte> type)
    {
        _page.WriteRaw("# HELP "u8);
        _page.WriteRaw(name);
        _page.WriteRaw(" "u8);
        _page.WriteRaw(help);
        _page.WriteRaw("\n# TYPE "u8);
        _page.WriteRaw(name);
        _page.WriteRaw(" "u8);
        _page.WriteRaw(type);
        _page.WriteRaw("\n"u8);
    }

    /// <summary>Names of topics, errors and APIs hold nothing that would have to be escaped, and are short.</summary>
    private void Label(ReadOnlySpan<byte> label, string value)
    {
        Span<byte> utf8 = stackalloc byte[LabelBytesMax];
        _page.WriteRaw(label);
        _page.WriteRaw("=\""u8);
        _page.WriteRaw(utf8[..Encoding.UTF8.GetBytes(value, utf8)]);
        _page.WriteRaw("\""u8);
    }

    private void Value(ReadOnlySpan<byte> seriesEnd, double value)
    {
        Span<byte> number = stackalloc byte[NumberBytesMax];
        _ = value.TryFormat(number, out int length, "R", CultureInfo.InvariantCulture);
        _page.WriteRaw(seriesEnd);
        _page.WriteRaw(" "u8);
        _page.WriteRaw(number[..length]);
        _page.WriteRaw("\n"u8);
    }
}
