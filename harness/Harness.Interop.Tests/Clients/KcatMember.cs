using System.Globalization;
using System.Text.RegularExpressions;
using Harness.Interop.Tests.Running;

namespace Harness.Interop.Tests.Clients;

/// <summary>kcat in a group: values on its standard output, assignments among the remarks on its standard error.</summary>
internal sealed partial class KcatMember : IGroupMember
{
    private readonly LineProcess _process;
    private readonly Task _reading;
    private readonly string _topic;

    public KcatMember(LineProcess process, string topic)
    {
        _process = process;
        _topic = topic;
        process.OnErrorLine = Hear;
        _reading = Task.Run(ReadAsync);
    }

    public MemberLog Log { get; } = new();

    public async Task LeaveAsync(CancellationToken cancellation)
    {
        await _process.TerminateAsync();
        await _process.WaitForExitAsync(cancellation);
        await _reading;
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
            Log.Receive(line);
        }
    }

    private void Hear(string line)
    {
        if (line.Contains(" rebalanced ", StringComparison.Ordinal) && line.IndexOf("assigned:", StringComparison.Ordinal) is > 0 and int start)
        {
            Log.Assign(Partition().Matches(line[start..])
                .Where(match => match.Groups["topic"].Value == _topic)
                .Select(match => int.Parse(match.Groups["number"].Value, CultureInfo.InvariantCulture)));
        }
    }

    [GeneratedRegex(@"(?<topic>[\w.-]+) \[(?<number>\d+)\]")]
    private static partial Regex Partition();
}
