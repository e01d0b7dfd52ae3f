using System.Buffers.Binary;
using System.Net;
using System.Runtime.ExceptionServices;
using Engine.Linux;

namespace Harness.Measure;

/// <summary>
/// One pass of the pipeline, or of a stage of it: loopback connections and threads, each the only user of its sockets.
/// <para>
/// The phase is set by the thread that measures and read by the others once a batch. Whoever sees it change notes its own CPU
/// time, and the receiver the bytes it has and the time, so that measuring costs the threads nothing in between. A thread
/// that ends closes its sockets, which ends its neighbours: there is no other way of stopping.
/// </para>
/// <para>
/// With a checksum the sender copies its source into the batch and checksums it, and the two behind it check it: one copy and three passes. The
/// receiver then has to wait for whole batches.
/// </para>
/// </summary>
internal sealed class PipelineRun : IDisposable
{
    /// <summary>A ring on a slow disk may never get round; after this long it is counted as it is, and said so.</summary>
    private const double WarmupLimitSeconds = 20;

    private const int SocketBufferLimit = 4 << 20;

    /// <summary>How far the thread that writes may be ahead of the one that serves. Of 1, 2, 4 and 8 MiB, in turns, this carried most.</summary>
    private const int AheadBytes = 2 << 20;
    private const int PollMs = 10;
    private const double NanosPerSecond = 1e9;
    private const int ChecksumBytes = sizeof(uint);
    private const string EndedEarly = "the ring's files ended early";

    private readonly double _warmupSeconds;
    private readonly double _passSeconds;
    private readonly RingFiles _ring;
    private readonly PipelineBuffers _buffers;
    private readonly PipelineStage _stage;
    private readonly BatchChecksum? _checksum;
    private readonly HandOver? _handOver;
    private readonly List<FileDescriptor> _sockets = [];
    private readonly ManualResetEventSlim _failed = new();
    private readonly List<Part> _parts = [];

    /// <summary>Those whose bytes are what was carried.</summary>
    private readonly List<Part> _ends = [];

    /// <summary>Those in the broker's place.</summary>
    private readonly List<Part> _brokers = [];
    private volatile Phase _phase;
    private Exception? _failure;

    internal PipelineRun(
        BarePipelineOptions options, RingFiles ring, PipelineBuffers buffers, PipelineStage stage = PipelineStage.Whole, BatchChecksum? checksum = null)
    {
        _warmupSeconds = options.WarmupSeconds;
        _passSeconds = options.PassSeconds;
        _ring = ring;
        _buffers = buffers;
        _stage = stage;
        _checksum = checksum;
        int socketBytes = (int)Math.Min(2L * options.BatchBytes, SocketBufferLimit);
        try
        {
            if (IsServing)
            {
                for (int connection = 0; connection < options.Connections; connection++)
                {
                    AddServer(socketBytes);
                }

                return;
            }

            (FileDescriptor first, FileDescriptor taken) = Connect(socketBytes);
            Add("probe sender", window => Send(window, first), first);
            switch (stage)
            {
                case PipelineStage.Whole:
                    (FileDescriptor outgoing, FileDescriptor last) = Connect(socketBytes);
                    AddBroker(window => Carry(window, taken, outgoing), taken, outgoing);
                    AddReceiver(last);
                    break;
                case PipelineStage.WholeByTwo:
                    _handOver = new HandOver((int)Math.Clamp(AheadBytes / options.BatchBytes, 1, Math.Max(1, ring.BatchesPerLap / 2)));
                    AddBroker(window => Carry(window, taken, null), taken);
                    AddServer(socketBytes);
                    break;
                case PipelineStage.Loopback:
                    AddReceiver(taken);
                    break;
                default:
                    AddBroker(window => Carry(window, taken, null), taken);
                    _ends.AddRange(_brokers);
                    break;
            }
        }
        catch
        {
            Dispose();
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
        Thread[] threads = [.. _parts.Select(Start)];
        bool warm = false;
        try
        {
            long start = MonotonicClock.Nanos();
            double elapsed = 0;
            while (elapsed < _warmupSeconds || (!IsGoing && elapsed < WarmupLimitSeconds))
            {
                Wait(PollMs, cancel);
                elapsed = (MonotonicClock.Nanos() - start) / NanosPerSecond;
            }

            warm = RingWarm;
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
        double bytesPerSecond = _ends.Sum(end => end.Window.BytesPerSecond);
        double gigabytes = _ends.Sum(end => end.Window.Bytes) / 1e9;
        if (_ends.Exists(end => end.Window.Bytes <= 0))
        {
            throw new IOException("The bare pipeline carried nothing in its counted time; give it a longer one.");
        }

        return new BarePipelinePass(bytesPerSecond, _parts.Sum(part => part.Window.CpuSeconds) / gigabytes, warm)
        {
            BrokerCpuSecondsPerGigabyte = _brokers.Count == 0 ? null : _brokers.Sum(broker => broker.Window.CpuSeconds) / gigabytes,
        };
    }

    public void Dispose()
    {
        _sockets.ForEach(static socket => socket.Dispose());
        _failed.Dispose();
        _handOver?.Dispose();
    }

    /// <summary>Of the stages that never write it, another has warmed the ring before.</summary>
    private bool RingWarm => _stage == PipelineStage.Loopback || _ring.Warm;

    private bool IsGoing => RingWarm && _parts.TrueForAll(static part => part.Window.HasTurned);

    private bool IsServing => _stage is PipelineStage.ServeBySendfile or PipelineStage.ServeByCopy;

    private Part Add(string name, Action<Window> body, params FileDescriptor[] sockets)
    {
        _parts.Add(new Part(name, body, sockets, new Window()));
        return _parts[^1];
    }

    private void AddBroker(Action<Window> body, params FileDescriptor[] sockets) => _brokers.Add(Add("probe broker", body, sockets));

    private void AddServer(int socketBytes)
    {
        (FileDescriptor outgoing, FileDescriptor last) = Connect(socketBytes);
        AddBroker(window => Carry(window, null, outgoing), outgoing);
        AddReceiver(last);
    }

    private void AddReceiver(FileDescriptor socket)
    {
        byte[] buffer = _buffers.Receivers[_ends.Count];
        _ends.Add(Add("probe receiver", window => Receive(window, socket, buffer), socket));
    }

    private (FileDescriptor Client, FileDescriptor Server) Connect(int socketBytes)
    {
        using FileDescriptor listener = Sockets.Listen(new IPEndPoint(IPAddress.Loopback, 0), 1);

        // The accepted socket takes its buffers from the listener, which has to have them before the connection is made.
        Sockets.SetBuffers(listener, socketBytes, socketBytes);
        FileDescriptor client = Sockets.Connect(Sockets.LocalEndPoint(listener), socketBytes, socketBytes);
        _sockets.Add(client);
        _ = Sockets.Poll(listener, read: true, write: false, timeoutMs: 1000);
        if (Sockets.Accept(listener, blocking: true) is FileDescriptor server)
        {
            _sockets.Add(server);
            return (client, server);
        }

        throw new LinuxException("accept", Errno.ETIMEDOUT, "a loopback connection of the bare pipeline");
    }

    private void Send(Window window, FileDescriptor socket)
    {
        byte[] batch = _buffers.Sender;
        while (_phase < Phase.Ended)
        {
            window.Follow(_phase, 0);
            if (_checksum is not null)
            {
                _buffers.Source.CopyTo(batch.AsSpan(ChecksumBytes));
                BinaryPrimitives.WriteUInt32LittleEndian(batch, _checksum(batch.AsSpan(ChecksumBytes)));
            }

            Send(socket, batch);
        }

        window.Follow(_phase, 0);
    }

    private void Carry(Window window, FileDescriptor? incoming, FileDescriptor? outgoing)
    {
        byte[] batch = _buffers.Broker;
        RingCursor ring = _ring.Begin();
        long bytes = 0;
        try
        {
            // Who is given something goes on until it is given no more.
            for (; IsServing ? _phase < Phase.Ended : _phase != Phase.Aborted; bytes += batch.Length)
            {
                window.Follow(_phase, bytes);
                if (incoming is not null ? !TryFill(incoming, batch) : _handOver?.TryTake() == false)
                {
                    break;
                }

                (FileDescriptor segment, long position) = ring.Next();
                if (incoming is not null)
                {
                    Verify(batch);
                    Files.WriteAt(segment, batch, position);
                    _ring.Written();
                    if (_handOver?.TryPut() == false)
                    {
                        break;
                    }
                }

                if (outgoing is not null)
                {
                    Serve(outgoing, segment, position);
                }
            }
        }
        finally
        {
            _handOver?.Close();
        }

        window.Follow(_phase, bytes);
    }

    private void Serve(FileDescriptor outgoing, FileDescriptor segment, long position)
    {
        byte[] batch = _buffers.Broker;
        if (_stage == PipelineStage.ServeByCopy)
        {
            if (Files.ReadAt(segment, batch, position) < batch.Length)
            {
                throw new LinuxException("pread", Errno.EIO, EndedEarly);
            }

            Send(outgoing, batch);
            return;
        }

        for (long done = 0; done < batch.Length;)
        {
            long n = Checked("sendfile", (int)Sockets.SendFile(outgoing, segment, position + done, batch.Length - done));
            done += n > 0 ? n : throw new LinuxException("sendfile", Errno.EIO, EndedEarly);
        }
    }

    private void Receive(Window window, FileDescriptor socket, byte[] batch)
    {
        long bytes = 0;
        while (true)
        {
            window.Follow(_phase, bytes);
            if (_checksum is null)
            {
                int n = Checked("recv", Sockets.Receive(socket, batch));
                bytes += n;
                if (n == 0)
                {
                    break;
                }
            }
            else
            {
                if (!TryFill(socket, batch))
                {
                    break;
                }

                Verify(batch);
                bytes += batch.Length;
            }
        }

        window.Follow(_phase, bytes);
    }

    private void Verify(ReadOnlySpan<byte> batch)
    {
        if (_checksum is not null && _checksum(batch[ChecksumBytes..]) != BinaryPrimitives.ReadUInt32LittleEndian(batch))
        {
            throw new IOException("A batch arrived damaged in the checked pipeline: this machine's memory or its network stack does not work.");
        }
    }

    private static void Send(FileDescriptor socket, byte[] batch)
    {
        for (int done = 0; done < batch.Length;)
        {
            done += Checked("send", Sockets.Send(socket, batch.AsSpan(done)));
        }
    }

    /// <returns>False when the other side has closed.</returns>
    private static bool TryFill(FileDescriptor socket, byte[] batch)
    {
        for (int done = 0; done < batch.Length;)
        {
            int n = Checked("recv", Sockets.Receive(socket, batch.AsSpan(done)));
            if (n == 0)
            {
                return false;
            }

            done += n;
        }

        return true;
    }

    private static int Checked(string call, int result) =>
        result >= 0 ? result : throw new LinuxException(call, (Errno)(-result), "in the bare pipeline");

    /// <summary>
    /// Runs one thread's part and closes its sockets at its end. The first failure is kept, which is the cause: what the
    /// neighbours meet when these sockets close comes later.
    /// </summary>
    private Thread Start(Part part)
    {
        Thread thread = new(() =>
        {
            try
            {
                part.Body(part.Window);
            }
            catch (IOException e)
            {
                Interlocked.CompareExchange(ref _failure, e, null);
                _phase = Phase.Aborted;
                _failed.Set();
            }
            finally
            {
                foreach (FileDescriptor socket in part.Sockets)
                {
                    socket.Dispose();
                }
            }
        })
        {
            Name = part.Name,
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

    /// <summary>A thread to be.</summary>
    private sealed record Part(string Name, Action<Window> Body, FileDescriptor[] Sockets, Window Window);

    /// <summary>What one thread saw at both ends of the counted time. Written by that thread; all but <see cref="HasTurned"/> is read after it has ended.</summary>
    private sealed class Window
    {
        private Phase _seen;
        private volatile int _turns;

        private (long Nanos, long Bytes, long CpuNanos) _start;
        private (long Nanos, long Bytes, long CpuNanos) _end;

        internal long Bytes => _end.Bytes - _start.Bytes;
        internal double CpuSeconds => (_end.CpuNanos - _start.CpuNanos) / NanosPerSecond;
        internal double BytesPerSecond => Bytes * NanosPerSecond / (_end.Nanos - _start.Nanos);

        /// <summary>The thread is there and has carried a batch. Any thread.</summary>
        internal bool HasTurned => _turns > 1;

        /// <summary>Called before each batch, and at the end.</summary>
        internal void Follow(Phase phase, long bytes)
        {
            _turns++;
            if (phase == _seen)
            {
                return;
            }

            _seen = phase;
            if (phase == Phase.Counted)
            {
                _start = (MonotonicClock.Nanos(), bytes, CpuClocks.ThreadNanos());
            }
            else if (phase == Phase.Ended)
            {
                _end = (MonotonicClock.Nanos(), bytes, CpuClocks.ThreadNanos());
                if (_start.Nanos == 0)
                {
                    // Blocked from before the counted time to after it: it did nothing in between.
                    _start = _end;
                }
            }
        }
    }
}
