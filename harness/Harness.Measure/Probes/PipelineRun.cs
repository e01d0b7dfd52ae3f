using System.Net;
using System.Runtime.ExceptionServices;
using Engine.Linux;

namespace Harness.Measure;

/// <summary>
/// One pass of the bare pipeline: two loopback connections and three threads, each the only user of its sockets.
/// <para>
/// The phase is set by the thread that measures and read by the others once a batch. Whoever sees it change notes its own CPU
/// time, and the receiver the bytes it has and the time, so that measuring costs the threads nothing in between. A thread
/// that ends closes its sockets, which ends its neighbours: there is no other way of stopping.
/// </para>
/// </summary>
internal sealed class PipelineRun : IDisposable
{
    /// <summary>A ring on a slow disk may never get round; after this long it is counted as it is, and said so.</summary>
    private const double WarmupLimitSeconds = 20;

    private const int SocketBufferLimit = 4 << 20;
    private const int PollMs = 10;
    private const double NanosPerSecond = 1e9;

    private readonly double _warmupSeconds;
    private readonly double _passSeconds;
    private readonly RingFiles _ring;
    private readonly PipelineBuffers _buffers;
    private readonly FileDescriptor _senderSocket;
    private readonly FileDescriptor _brokerIn;
    private readonly FileDescriptor _brokerOut;
    private readonly FileDescriptor _receiverSocket;
    private readonly ManualResetEventSlim _failed = new();
    private readonly Window[] _windows = [new(), new(), new()];
    private volatile Phase _phase;
    private volatile bool _ringWarm;
    private Exception? _failure;

    internal PipelineRun(BarePipelineOptions options, RingFiles ring, PipelineBuffers buffers)
    {
        _warmupSeconds = options.WarmupSeconds;
        _passSeconds = options.PassSeconds;
        _ring = ring;
        _buffers = buffers;
        int socketBytes = (int)Math.Min(2L * options.BatchBytes, SocketBufferLimit);
        (_senderSocket, _brokerIn) = Connect(socketBytes);
        try
        {
            (_brokerOut, _receiverSocket) = Connect(socketBytes);
        }
        catch
        {
            _senderSocket.Dispose();
            _brokerIn.Dispose();
            throw;
        }
    }

    private enum Phase
    {
        Warmup,
        Counted,
        Ended,
        Aborted,
    }

    internal BarePipelinePass Measure(CancellationToken cancel)
    {
        Thread[] threads =
        [
            Start("probe sender", Send, _senderSocket),
            Start("probe broker", Carry, _brokerIn, _brokerOut),
            Start("probe receiver", Receive, _receiverSocket),
        ];
        bool warm = false;
        try
        {
            long start = MonotonicClock.Nanos();
            double elapsed = 0;
            while (elapsed < _warmupSeconds || (!_ringWarm && elapsed < WarmupLimitSeconds))
            {
                Wait(PollMs, cancel);
                elapsed = (MonotonicClock.Nanos() - start) / NanosPerSecond;
            }

            warm = _ringWarm;
            _phase = Phase.Counted;
            Wait((int)Math.Ceiling(_passSeconds * 1000), cancel);
            _phase = Phase.Ended;
        }
        finally
        {
            if (_phase != Phase.Ended)
            {
                _phase = Phase.Aborted;
            }

            foreach (Thread thread in threads)
            {
                thread.Join();
            }
        }

        ThrowIfFailed();
        Window receiver = _windows[2];
        double seconds = (receiver.EndNanos - receiver.StartNanos) / NanosPerSecond;
        double cpuSeconds = _windows.Sum(window => window.EndCpuNanos - window.StartCpuNanos) / NanosPerSecond;
        long bytes = receiver.EndBytes - receiver.StartBytes;
        if (bytes <= 0 || seconds <= 0)
        {
            throw new IOException("The bare pipeline carried nothing in its counted time; give it a longer one.");
        }

        return new BarePipelinePass(bytes / seconds, cpuSeconds * 1e9 / bytes, warm);
    }

    public void Dispose()
    {
        _senderSocket.Dispose();
        _brokerIn.Dispose();
        _brokerOut.Dispose();
        _receiverSocket.Dispose();
        _failed.Dispose();
    }

    private static (FileDescriptor Client, FileDescriptor Server) Connect(int socketBytes)
    {
        using FileDescriptor listener = Sockets.Listen(new IPEndPoint(IPAddress.Loopback, 0), 1);

        // The accepted socket takes its buffers from the listener, which has to have them before the connection is made.
        Sockets.SetBuffers(listener, socketBytes, socketBytes);
        FileDescriptor client = Sockets.Connect(Sockets.LocalEndPoint(listener), socketBytes, socketBytes);
        _ = Sockets.Poll(listener, read: true, write: false, timeoutMs: 1000);
        if (Sockets.Accept(listener, blocking: true) is FileDescriptor server)
        {
            return (client, server);
        }

        client.Dispose();
        throw new LinuxException("accept", Errno.ETIMEDOUT, "a loopback connection of the bare pipeline");
    }

    private void Send()
    {
        Window window = _windows[0];
        while (_phase < Phase.Ended)
        {
            window.Follow(_phase, 0);
            for (int done = 0; done < _buffers.Sender.Length;)
            {
                done += Checked("send", Sockets.Send(_senderSocket, _buffers.Sender.AsSpan(done)));
            }
        }

        window.Follow(_phase, 0);
    }

    private void Carry()
    {
        byte[] buffer = _buffers.Broker;
        Window window = _windows[1];
        for (long batches = 0; _phase != Phase.Aborted; batches++)
        {
            window.Follow(_phase, 0);
            for (int done = 0; done < buffer.Length;)
            {
                int n = Checked("recv", Sockets.Receive(_brokerIn, buffer.AsSpan(done)));
                if (n == 0)
                {
                    window.Follow(_phase, 0);
                    return;
                }

                done += n;
            }

            (FileDescriptor segment, long position) = _ring.Next();
            Files.WriteAt(segment, buffer, position);
            for (long done = 0; done < buffer.Length;)
            {
                long n = Checked("sendfile", (int)Sockets.SendFile(_brokerOut, segment, position + done, buffer.Length - done));
                done += n > 0 ? n : throw new LinuxException("sendfile", Errno.EIO, "the ring's files ended early");
            }

            if (batches == _ring.BatchesPerLap)
            {
                _ringWarm = true;
            }
        }
    }

    private void Receive()
    {
        Window window = _windows[2];
        long bytes = 0;
        int n;
        do
        {
            window.Follow(_phase, bytes);
            n = Checked("recv", Sockets.Receive(_receiverSocket, _buffers.Receiver));
            bytes += n;
        }
        while (n > 0);
        window.Follow(_phase, bytes);
    }

    private static int Checked(string call, int result) =>
        result >= 0 ? result : throw new LinuxException(call, (Errno)(-result), "in the bare pipeline");

    /// <summary>
    /// Runs one thread's part and closes its sockets at its end. The first failure is kept, which is the cause: what the
    /// neighbours meet when these sockets close comes later.
    /// </summary>
    private Thread Start(string name, Action body, params FileDescriptor[] sockets)
    {
        Thread thread = new(() =>
        {
            try
            {
                body();
            }
            catch (IOException e)
            {
                Interlocked.CompareExchange(ref _failure, e, null);
                _phase = Phase.Aborted;
                _failed.Set();
            }
            finally
            {
                foreach (FileDescriptor socket in sockets)
                {
                    socket.Dispose();
                }
            }
        })
        {
            Name = name,
            IsBackground = true,
        };
        thread.Start();
        return thread;
    }

    private void Wait(int milliseconds, CancellationToken cancel)
    {
        if (_failed.Wait(milliseconds, cancel))
        {
            ThrowIfFailed();
        }
    }

    private void ThrowIfFailed()
    {
        if (_failure is LinuxException { Error: Errno.ENOSPC or Errno.EDQUOT } full)
        {
            throw new LinuxException("write", full.Error, $"the bare pipeline's ring of {_ring.Bytes / 1_000_000} MB");
        }

        if (_failure is not null)
        {
            ExceptionDispatchInfo.Throw(_failure);
        }
    }

    /// <summary>What one thread saw at both ends of the counted time. Written by that thread, read after it has ended.</summary>
    private sealed class Window
    {
        private Phase _seen;

        internal long StartNanos { get; private set; }
        internal long StartBytes { get; private set; }
        internal long StartCpuNanos { get; private set; }
        internal long EndNanos { get; private set; }
        internal long EndBytes { get; private set; }
        internal long EndCpuNanos { get; private set; }

        internal void Follow(Phase phase, long bytes)
        {
            if (phase == _seen)
            {
                return;
            }

            _seen = phase;
            if (phase == Phase.Counted)
            {
                (StartNanos, StartBytes, StartCpuNanos) = (MonotonicClock.Nanos(), bytes, CpuClocks.ThreadNanos());
            }
            else if (phase == Phase.Ended)
            {
                (EndNanos, EndBytes, EndCpuNanos) = (MonotonicClock.Nanos(), bytes, CpuClocks.ThreadNanos());
                if (StartNanos == 0)
                {
                    // Blocked from before the counted time to after it: it did nothing in between.
                    (StartNanos, StartBytes, StartCpuNanos) = (EndNanos, EndBytes, EndCpuNanos);
                }
            }
        }
    }
}
