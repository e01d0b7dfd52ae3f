using System.Diagnostics;

namespace Engine.Linux.Tests;

public sealed class ProcessesTests
{
    [Fact]
    public void Signals_reach_a_process_and_one_that_has_gone_is_said_so()
    {
        using Process sleeper = Process.Start("sleep", "1000");
        Assert.True(Processes.Send(sleeper.Id, Signal.Stop));
        Assert.True(Processes.Send(sleeper.Id, Signal.Continue));
        Assert.True(Processes.Send(sleeper.Id, Signal.Terminate));
        sleeper.WaitForExit();
        Assert.Equal(128 + (int)Signal.Terminate, sleeper.ExitCode);
        Assert.False(Processes.Send(sleeper.Id, Signal.Terminate));
    }

    [Fact]
    public void A_program_that_is_not_there_does_not_replace_this_one()
    {
        LinuxException e = Assert.Throws<LinuxException>(() => Processes.Exec("/nonexistent/program", ["a"]));
        Assert.Equal(Errno.ENOENT, e.Error);
        Assert.Contains("/nonexistent/program", e.Message);
    }
}
