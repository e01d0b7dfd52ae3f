using System.Globalization;
using System.Net;

namespace Engine.Server;

/// <summary>
/// One line on standard error for each event that an operator needs: time, level, event, then key=value, text in quotes
/// (<see cref="LogText"/>). Lines that a peer can cause are limited for each reason (<see cref="LineLimiter"/>); what was held back is told
/// by the next line of that reason, or at the stop. Any thread.
/// </summary>
internal sealed class ServerLog
{
    private const int FaultCharsMax = 6000;

    private readonly TextWriter _writer;
    private readonly Lock _lock = new();
    private readonly LineLimiter _limiter = new();
    private char[] _line = new char[512];
    private long _refused;

    public ServerLog(TextWriter writer) => _writer = writer;

    /// <summary>Inputs refused, those without a line included.</summary>
    public long RefusedCount => Volatile.Read(ref _refused);

    public long SuppressedCount
    {
        get
        {
            lock (_lock)
            {
                return _limiter.Suppressed;
            }
        }
    }

    public void Info(string text) => Write("info", text);

    public void Error(string text) => Write("error", text);

    /// <summary>What the storage tells: a line with its event, or a sentence about files that it found other than it left them.</summary>
    public void Storage(string text)
    {
        if (text.StartsWith("event=roll ", StringComparison.Ordinal) || text.StartsWith("event=segment-deleted ", StringComparison.Ordinal))
        {
            // With small segments there are hundreds a second.
            lock (_lock)
            {
                if (_limiter.TryPass("info", text, out long suppressed))
                {
                    Write("info", suppressed > 0 ? $"{text} suppressed={suppressed}" : text);
                }
            }
        }
        else
        {
            Write("info", text.StartsWith("event=", StringComparison.Ordinal) ? text : $"event=storage detail={LogText.Quoted(text)}");
        }
    }

    /// <summary>Input that was refused, with who sent it and why.</summary>
    public void Refused(IPEndPoint? peer, string reason)
    {
        Interlocked.Increment(ref _refused);
        WriteLimited("warn", "refused", reason, $"peer={Peer(peer)} reason={LogText.Quoted(reason)}");
    }

    /// <summary>A named limit was reached, and what was asked for beyond it was refused or has to wait.</summary>
    public void LimitReached(IPEndPoint? peer, string limit) =>
        WriteLimited("warn", "limit", limit, $"peer={Peer(peer)} limit={LogText.Quoted(limit)}");

    /// <summary>A connection that was closed because nothing went over it for too long.</summary>
    public void Expired(IPEndPoint? peer, string reason) =>
        WriteLimited("info", "expired", reason, $"peer={Peer(peer)} reason={LogText.Quoted(reason)}");

    public void TopicCreated(string topic, int partitions) =>
        WriteLimited("info", "topic-created", "", $"topic={LogText.Quoted(topic)} partitions={partitions}");

    public void TopicDeleted(string topic) => WriteLimited("info", "topic-deleted", "", $"topic={LogText.Quoted(topic)}");

    /// <summary>An append or a read that the disk refused.</summary>
    public void StorageFailed(string what, string log, Exception failure) =>
        WriteLimited("error", what, log, $"partition={LogText.Quoted(log)} reason={LogText.Quoted(failure.Message)}");

    /// <summary>A fault in the engine itself, with its stack: it is to be reported.</summary>
    public void Fault(IPEndPoint? peer, Exception fault) =>
        WriteLimited("error", "fault", fault.GetType().Name, $"peer={Peer(peer)} detail={LogText.Quoted(fault.ToString(), FaultCharsMax)}");

    /// <summary>Tells what was held back and not told since.</summary>
    public void TellSuppressed()
    {
        lock (_lock)
        {
            foreach ((string reason, long count) in _limiter.TakeUntold())
            {
                Write("info", $"event=suppressed reason={LogText.Quoted(reason)} suppressed={count}");
            }
        }
    }

    private static string Peer(IPEndPoint? peer) => peer?.ToString() ?? "unknown";

    private void WriteLimited(string level, string kind, string reason, string fields)
    {
        lock (_lock)
        {
            if (_limiter.TryPass(kind, reason, out long suppressed))
            {
                string more = suppressed > 0 ? $" suppressed={suppressed}" : "";
                Write(level, $"event={kind} {fields}{more}");
            }
        }
    }

    /// <summary>In one piece to the writer, and without making another string of it: a ring tells of its segments for ever.</summary>
    private void Write(string level, string text)
    {
        text = LogText.Line(text);
        lock (_lock)
        {
            int length;
            while (!_line.AsSpan().TryWrite(CultureInfo.InvariantCulture, $"{DateTime.UtcNow:yyyy-MM-ddTHH:mm:ss.fffZ} {level} {text}{Environment.NewLine}", out length))
            {
                _line = new char[2 * _line.Length];
            }

            _writer.Write(_line.AsSpan(0, length));
        }
    }
}
