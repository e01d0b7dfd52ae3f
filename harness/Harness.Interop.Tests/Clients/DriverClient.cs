using System.Collections.Immutable;
using Harness.Interop.Contract;
using Harness.Interop.Tests.Running;
using Harness.Targets;

namespace Harness.Interop.Tests.Clients;

/// <summary>
/// A client behind a driver: a program that takes requests and gives answers, a line of JSON each. One process serves all requests, one at a
/// time, because starting a virtual machine costs more than what is asked of it; every member of a group is a process of its own.
/// </summary>
internal sealed class DriverClient(string name, DriverProgram program, Func<DriverRecord, bool> canProduce) : IClient
{
    /// <summary>Beyond what the driver itself waits for.</summary>
    private static readonly TimeSpan AnswerTimeout = TimeSpan.FromSeconds(120);

    private readonly SemaphoreSlim _one = new(1, 1);
    private LineProcess? _process;

    public string Name => name;

    public string? Missing { get; } = program.Missing();

    public bool CanProduce(DriverRecord record) => canProduce(record);

    public bool CanConsume(DriverRecord record) => true;

    public async Task ProduceAsync(
        BrokerAddress broker, string topic, string codec, int acks, IReadOnlyList<DriverRecord> records, CancellationToken cancellation) =>
        await AskAsync(new DriverRequest
        {
            Do = DriverRequest.Produce,
            Broker = broker.ToString(),
            Topic = topic,
            Codec = codec,
            Acks = acks,
            Records = records,
        }, cancellation);

    public async Task<IReadOnlyList<DriverRecord>> ConsumeAsync(
        BrokerAddress broker, string topic, int partitions, int count, CancellationToken cancellation) =>
        (await AskAsync(new DriverRequest
        {
            Do = DriverRequest.Consume,
            Broker = broker.ToString(),
            Topic = topic,
            Partitions = partitions,
            Count = count,
        }, cancellation)).Records!;

    /// <summary>What the group has committed in each partition, −1 for nothing. Only some drivers can tell.</summary>
    public async Task<ImmutableArray<long>> CommittedAsync(
        BrokerAddress broker, string group, string topic, int partitions, CancellationToken cancellation) =>
        [.. (await AskAsync(new DriverRequest
        {
            Do = DriverRequest.Committed,
            Broker = broker.ToString(),
            Topic = topic,
            Partitions = partitions,
            Group = group,
        }, cancellation)).Offsets!];

    public async Task<IGroupMember> JoinAsync(
        BrokerAddress broker, string group, string topic, TimeSpan sessionTimeout, CancellationToken cancellation)
    {
        LineProcess process = program.Start();
        await process.WriteLineAsync(
            DriverJson.Write(new DriverRequest
            {
                Do = DriverRequest.Join,
                Broker = broker.ToString(),
                Topic = topic,
                Group = group,
                SessionTimeoutMs = (int)sessionTimeout.TotalMilliseconds,
            }),
            cancellation);
        return new DriverMember(process);
    }

    public async ValueTask DisposeAsync()
    {
        if (_process is not null)
        {
            await _process.DisposeAsync();
        }

        _one.Dispose();
    }

    private async Task<DriverAnswer> AskAsync(DriverRequest request, CancellationToken cancellation)
    {
        await _one.WaitAsync(cancellation);
        try
        {
            _process ??= program.Start();
            await _process.WriteLineAsync(DriverJson.Write(request), cancellation);
            string line = await _process.ReadLineAsync(AnswerTimeout, cancellation)
                ?? throw new InvalidOperationException($"{name} ended: {_process.Errors}");
            DriverAnswer answer = DriverJson.Read<DriverAnswer>(line);
            return answer.Error is null
                ? answer
                : throw new InvalidOperationException($"{name} could not {request.Do}: {answer.Error}; on its standard error: {_process.Errors}");
        }
        catch (Exception e) when (e is not InvalidOperationException || _process is { HasExited: true })
        {
            // An answer that comes late would be taken for that to the next request.
            await ForgetAsync();
            throw;
        }
        finally
        {
            _one.Release();
        }
    }

    private async Task ForgetAsync()
    {
        if (_process is not null)
        {
            await _process.DisposeAsync();
            _process = null;
        }
    }
}
