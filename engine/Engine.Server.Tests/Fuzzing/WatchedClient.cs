using System.Buffers.Binary;
using System.Net;
using Engine.Wire;

namespace Engine.Server.Tests.Fuzzing;

/// <summary>
/// A client that behaves, all along: produces, fetches what it produced, and looks at every byte. On a thread of its own; the first thing that is not
/// as it must be ends it, and is thrown by <see cref="Stop"/>.
/// </summary>
internal sealed class WatchedClient : IDisposable
{
    private const string Topic = "watched-by-a-client-that-behaves";

    /// <summary>It is to notice, not to take the machine from those it watches.</summary>
    private const int PauseMs = 1;

    private readonly TestClient _client;
    private readonly Thread _thread;
    private volatile bool _stopping;
    private Exception? _failure;

    public WatchedClient(IPEndPoint engine)
    {
        _client = new TestClient(engine);
        _client.CreateTopic(Topic);
        _thread = new Thread(Run) { Name = "watched client" };
        _thread.Start();
    }

    public long Exchanges { get; private set; }

    /// <summary>Ends the thread; throws what it met.</summary>
    public void Stop()
    {
        _stopping = true;
        _thread.Join();
        if (_failure is not null)
        {
            throw new InvalidOperationException($"after {Exchanges} exchanges: {_failure.Message}", _failure);
        }
    }

    public void Dispose()
    {
        _stopping = true;
        _thread.Join();
        _client.Dispose();
    }

    private void Run()
    {
        try
        {
            byte[] value = new byte[100];
            while (!_stopping)
            {
                BinaryPrimitives.WriteInt64BigEndian(value, Exchanges);
                byte[] batch = TestClient.Batch(value);
                Assert.Equal(new ProduceResult(0, ErrorCode.None, Exchanges), _client.Produce(Topic, batch));
                Fetched fetched = _client.Fetch(Topic, Exchanges);
                Assert.Equal(batch[RecordBatch.MagicAt..], fetched.Records[RecordBatch.MagicAt..]);
                Exchanges++;
                Thread.Sleep(PauseMs);
            }
        }
        catch (Exception failure)
        {
            _failure = failure;
        }
    }
}
