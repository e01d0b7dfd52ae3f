using Engine.Wire;

namespace Engine.Server;

/// <summary>
/// The threads that unpack compressed batches for <c>record.validation=full</c>, so that no loop does. Started with the first batch that
/// needs them. Not the thread pool: what waits here is bounded by the connections, of which each has at most one request in hand, and memory by the
/// threads, of which each unpacks one batch at a time.
/// </summary>
internal sealed class RecordValidators : IDisposable
{
    private readonly Queue<ValidationJob> _jobs = new();
    private readonly List<Thread> _threads = [];
    private readonly ServerConfig _config;
    private readonly ServerLog _log;
    private int _idle;
    private bool _stopping;

    public RecordValidators(ServerConfig config, ServerLog log)
    {
        _config = config;
        _log = log;
    }

    /// <summary>Hands a job over. Any thread.</summary>
    public void Post(ValidationJob job)
    {
        lock (_jobs)
        {
            _jobs.Enqueue(job);
            if (_jobs.Count > _idle && _threads.Count < _config.RecordValidationThreads)
            {
                Thread thread = new(Run) { IsBackground = true, Name = $"validator-{_threads.Count}" };
                _threads.Add(thread);
                thread.Start();
            }

            Monitor.Pulse(_jobs);
        }
    }

    /// <summary>
    /// Ends the threads; jobs that wait are dropped. To be called when the loops have stopped, and before they are disposed of.
    /// </summary>
    public void Dispose()
    {
        Thread[] threads;
        lock (_jobs)
        {
            _stopping = true;
            _jobs.Clear();
            Monitor.PulseAll(_jobs);
            threads = [.. _threads];
        }

        Array.ForEach(threads, thread => thread.Join());
    }

    private void Run()
    {
        using RecordUnpacker unpacker = new(_config.RecordValidationUnpackedMaxBytes, RecordCodec.Create);
        while (Take() is { } job)
        {
            foreach (ref ValidationItem item in job.Items)
            {
                item.Verdict = Validate(unpacker, job, item);
            }

            job.Finish();
        }
    }

    private ValidationJob? Take()
    {
        lock (_jobs)
        {
            while (_jobs.Count == 0 && !_stopping)
            {
                _idle++;
                Monitor.Wait(_jobs);
                _idle--;
            }

            return _stopping ? null : _jobs.Dequeue();
        }
    }

    private BatchVerdict Validate(RecordUnpacker unpacker, ValidationJob job, in ValidationItem item)
    {
        try
        {
            return unpacker.Validate(job.Batch(item), item.Config, DateTimeOffset.UtcNow.ToUnixTimeMilliseconds());
        }
        catch (Exception unexpected) when (unexpected is not OutOfMemoryException)
        {
            // A bug, of which the log gets all: the request is answered, and the thread goes on.
            _log.Fault(job.Connection.Peer, unexpected);
            return BatchVerdict.Refused(ErrorCode.UnknownServerError);
        }
    }
}
