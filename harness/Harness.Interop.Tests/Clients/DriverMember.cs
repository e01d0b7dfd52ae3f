using System.Text;
using System.Text.Json;
using Harness.Interop.Contract;
using Harness.Interop.Tests.Running;

namespace Harness.Interop.Tests.Clients;

/// <summary>A member whose driver writes events.</summary>
internal sealed class DriverMember : IGroupMember
{
    private readonly LineProcess _process;
    private readonly Task _reading;
    private bool _left;

    public DriverMember(LineProcess process)
    {
        _process = process;
        _reading = Task.Run(ReadAsync);
    }

    public MemberLog Log { get; } = new();

    public async Task LeaveAsync(CancellationToken cancellation)
    {
        _process.CloseInput();
        await _process.WaitForExitAsync(cancellation);
        await _reading;
        Assert.True(_left, $"it ended without leaving; on its standard error: {_process.Errors}");
    }

    public async Task KillAsync(CancellationToken cancellation)
    {
        _process.Kill();
        await _process.WaitForExitAsync(cancellation);
        await _reading;
    }

    public ValueTask DisposeAsync() => _process.DisposeAsync();

    private async Task ReadAsync()
    {
        await foreach (string line in _process.ReadLinesAsync())
        {
            Hear(line);
        }
    }

    private void Hear(string line)
    {
        MemberEvent message;
        try
        {
            message = DriverJson.Read<MemberEvent>(line);
        }
        catch (JsonException) when (_process.HasExited)
        {
            // It was killed in the middle of a line.
            return;
        }

        switch (message.Event)
        {
            case MemberEvent.Assigned:
                Log.Assign(message.Partitions!);
                break;
            case MemberEvent.Received:
                Log.Receive(Encoding.UTF8.GetString(message.Value!));
                break;
            case MemberEvent.Left:
                _left = true;
                break;
        }
    }
}
