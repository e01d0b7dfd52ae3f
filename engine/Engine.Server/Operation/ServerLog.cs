using System.Globalization;
using System.Net;
using Engine.Linux;

namespace Engine.Server;

/// <summary>
/// One line on standard error for each event that an operator needs: time, level, event, then key=value. Lines that a peer can
/// cause are limited to <see cref="PeerLinesPerSecondMax"/>; what was left out is counted in the next one that is not.
/// </summary>
internal sealed class ServerLog
{
    private const int PeerLinesPerSecondMax = 10;
    private const long NanosPerSecond = 1_000_000_000;

    private readonly TextWriter _writer;
    private readonly Lock _lock = new();
    private long _secondStartNanos;
    private int _linesInSecond;
    private long _leftOut;

    public ServerLog(TextWriter writer) => _writer = writer;

    public void Info(string text) => Write("info", text);

    public void Error(string text) => Write("error", text);

    /// <summary>Input that was refused, with who sent it and why.</summary>
    public void Refused(IPEndPoint? peer, string reason)
    {
        lock (_lock)
        {
            if (!TakePeerLine(out long leftOut))
            {
                return;
            }

            string more = leftOut > 0 ? $" left_out_before={leftOut}" : "";
            Write("warn", $"event=refused peer={peer?.ToString() ?? "unknown"} reason=\"{reason}\"{more}");
        }
    }

    /// <summary>An append or a read that the disk refused.</summary>
    public void StorageFailed(string what, string log, Exception failure)
    {
        lock (_lock)
        {
            if (TakePeerLine(out long leftOut))
            {
                Write("error", $"event={what} partition={log} reason=\"{failure.Message}\" left_out_before={leftOut}");
            }
        }
    }

    /// <summary>A fault in the engine itself, with its stack: it is to be reported.</summary>
    public void Fault(IPEndPoint? peer, Exception fault) =>
        Write("error", $"event=fault peer={peer?.ToString() ?? "unknown"} detail=\"{fault}\"");

    private bool TakePeerLine(out long leftOut)
    {
        long now = MonotonicClock.Nanos();
        if (now - _secondStartNanos >= NanosPerSecond)
        {
            _secondStartNanos = now;
            _linesInSecond = 0;
        }

        leftOut = _leftOut;
        if (_linesInSecond >= PeerLinesPerSecondMax)
        {
            _leftOut++;
            return false;
        }

        _linesInSecond++;
        _leftOut = 0;
        return true;
    }

    private void Write(string level, string text)
    {
        string time = DateTime.UtcNow.ToString("yyyy-MM-ddTHH:mm:ss.fffZ", CultureInfo.InvariantCulture);
        lock (_lock)
        {
            _writer.WriteLine($"{time} {level} {text}");
        }
    }
}
