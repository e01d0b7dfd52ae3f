using System.Runtime.InteropServices;
using Results;

namespace Harness.Cli.Tests;

public sealed class InterruptsTests
{
    [Fact]
    public void The_first_signal_asks_and_the_second_ends_at_once()
    {
        List<int> exits = [];
        using StringWriter error = new();
        using Interrupts interrupts = new(error, exits.Add);
        using ManualResetEventSlim cancelled = new();
        using CancellationTokenRegistration registration = interrupts.Token.Register(cancelled.Set);

        PosixSignalContext first = new(PosixSignal.SIGINT);
        interrupts.Handle(first);
        Assert.True(first.Cancel);
        cancelled.Wait(TestContext.Current.CancellationToken);
        Assert.Empty(exits);
        Assert.Contains("once more ends at once", error.ToString(), StringComparison.Ordinal);

        PosixSignalContext second = new(PosixSignal.SIGTERM);
        interrupts.Handle(second);
        Assert.Equal([ExitCodes.Interrupted], exits);
    }

    [Fact]
    public void A_callback_that_blocks_does_not_keep_the_second_signal_from_ending_the_process()
    {
        List<int> exits = [];
        using Interrupts interrupts = new(TextWriter.Null, exits.Add);
        using ManualResetEventSlim release = new();
        using CancellationTokenRegistration registration = interrupts.Token.Register(release.Wait);

        interrupts.Handle(new PosixSignalContext(PosixSignal.SIGINT));
        interrupts.Handle(new PosixSignalContext(PosixSignal.SIGINT));
        Assert.Equal([ExitCodes.Interrupted], exits);
        release.Set();
    }
}
