using System.Net;

namespace Engine.Server.Tests;

/// <summary>What a peer sends cannot forge, flood or stretch the log.</summary>
public sealed class ServerLogTests : IDisposable
{
    private static readonly IPEndPoint Peer = new(IPAddress.Loopback, 1234);

    private readonly StringWriter _text = new();
    private readonly ServerLog _log;

    public ServerLogTests() => _log = new ServerLog(_text);

    public void Dispose() => _text.Dispose();

    private string[] Lines => _text.ToString().Split('\n', StringSplitOptions.RemoveEmptyEntries);

    [Theory]
    [InlineData("a\nevent=stop", "a\\nevent=stop")]
    [InlineData("a\" peer=1.2.3.4", "a\\\" peer=1.2.3.4")]
    [InlineData("a\\", "a\\\\")]
    [InlineData("\u001b[2J", "\\u001b[2J")]
    [InlineData("\u2028\u202e\r\0", "\\u2028\\u202e\\r\\u0000")]
    [InlineData("täglich", "täglich")]
    public void What_could_end_a_line_or_a_value_is_escaped(string reason, string written)
    {
        _log.Refused(Peer, reason);
        Assert.EndsWith($" warn event=refused peer=127.0.0.1:1234 reason=\"{written}\"", Assert.Single(Lines), StringComparison.Ordinal);
    }

    [Fact]
    public void A_line_that_nobody_quoted_is_still_one_line()
    {
        _log.Info("event=start data=/tmp/\nevent=stop");
        Assert.EndsWith("event=start data=/tmp/\\nevent=stop", Assert.Single(Lines), StringComparison.Ordinal);
    }

    [Fact]
    public void Long_values_are_cut()
    {
        _log.Refused(null, new string('x', 1_000_000));
        Assert.InRange(Assert.Single(Lines).Length, LogText.ValueCharsMax, LogText.ValueCharsMax + 200);
        Assert.Contains("…(1000000 characters)", Lines[0], StringComparison.Ordinal);
    }

    [Fact]
    public void Each_reason_has_lines_of_its_own_and_what_is_held_back_is_counted()
    {
        for (int i = 0; i < 1000; i++)
        {
            _log.Refused(Peer, $"request of {i} bytes");
        }

        _log.Refused(Peer, "another reason");
        int flood = Lines.Count(line => line.Contains("request of", StringComparison.Ordinal));
        Assert.InRange(flood, LineLimiter.LinesPerSecondMax, 999);
        Assert.Contains("another reason", Lines[^1], StringComparison.Ordinal);
        Assert.Equal(1000 - flood, _log.SuppressedCount);
        Assert.Equal(1001, _log.RefusedCount);
        _log.TellSuppressed();
        Assert.Contains("event=suppressed reason=\"refused request of\" suppressed=", Lines[^1], StringComparison.Ordinal);
    }

    [Fact]
    public void Reasons_that_peers_invent_take_bounded_memory()
    {
        for (int i = 0; i < 100_000; i++)
        {
            string name = string.Concat(i.ToString(System.Globalization.CultureInfo.InvariantCulture).Select(digit => (char)('a' + digit - '0')));
            _log.Refused(Peer, $"reason {name}");
        }

        Assert.InRange(Lines.Length, 100, 20_000);
    }
}
