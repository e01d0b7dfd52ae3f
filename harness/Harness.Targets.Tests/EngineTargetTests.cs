using Engine.Linux;
using Engine.Wire;
using Results;

namespace Harness.Targets.Tests;

/// <summary>The engine's life as a process, against small scripts that stand in for it.</summary>
public sealed class EngineTargetTests : IDisposable
{
    private const string Ready = "echo \"ready listen=127.0.0.1:4001 metrics=127.0.0.1:4002 pid=$$\"\n";

    /// <summary>Serves until its standard input closes, as the engine does.</summary>
    private const string Serve = "while read -r line; do :; done\n";

    private readonly TemporaryFolder _folder = new();

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task A_started_target_gives_its_addresses_and_process_and_is_gone_after_dispose()
    {
        EngineTarget target = Target(Ready + Serve);

        await target.StartAsync(Cancel);

        int pid = target.ProcessId!.Value;
        Assert.Equal("127.0.0.1:4001", target.Address.ToString());
        Assert.Equal("127.0.0.1:4002", target.MetricsAddress.ToString());
        Assert.True(IsAlive(pid));
        Assert.False(target.Exited.IsCompleted);
        Assert.True(Directory.Exists(target.DataDirectory));

        await target.DisposeAsync();

        Assert.False(IsAlive(pid));
        Assert.False(Directory.Exists(target.DataDirectory));
    }

    [Theory]
    [InlineData(true, "3")]
    [InlineData(false, "")]
    public async Task Names_of_what_it_compiles_are_told_only_for_a_profile_and_removed_with_it(bool asked, string setting)
    {
        string seen = Path.Combine(_folder.FullPath, "seen");
        EngineTarget target = Target($"echo \"$DOTNET_PerfMapEnabled\" > '{seen}'\n" + Ready + Serve, options => options with { TellCompiled = asked });
        await target.StartAsync(Cancel);
        Assert.Equal(setting, (await File.ReadAllTextAsync(seen, Cancel)).Trim());
        string map = Path.Combine(Path.GetTempPath(), $"perf-{target.ProcessId}.map");
        try
        {
            await File.WriteAllTextAsync(map, "", Cancel);
            await target.DisposeAsync();
            Assert.Equal(!asked, File.Exists(map));
        }
        finally
        {
            File.Delete(map);
        }
    }

    [Fact]
    public async Task The_engine_is_started_as_agreed()
    {
        string seen = Path.Combine(_folder.FullPath, "seen");
        await using EngineTarget target = Target(
            $"for a; do echo \"$a\"; done > '{seen}'\necho \"$DOTNET_ROOT $DOTNET_gcServer\" >> '{seen}'\n" + Ready + Serve,
            options => options with
            {
                Configuration = new Dictionary<string, string> { ["log.segment.bytes"] = "64 MiB", ["technique.transfer"] = "copy" },
                Environment = new Dictionary<string, string> { ["DOTNET_gcServer"] = "0" },
            });

        await target.StartAsync(Cancel);

        string[] lines = await File.ReadAllLinesAsync(seen, Cancel);
        Assert.Equal(
            [
                "--listen", "127.0.0.1:0", "--data", target.DataDirectory, "--exit-with-parent", "--metrics", "127.0.0.1:0",
                "--set", "log.segment.bytes=64 MiB", "--set", "technique.transfer=copy",
            ],
            lines[..^1]);
        string root = lines[^1].Split(' ')[0];
        Assert.True(Directory.Exists(Path.Combine(root, "shared", "Microsoft.NETCore.App")), $"{root} holds no runtime");
        Assert.EndsWith(" 0", lines[^1], StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(5, TargetException.EnvironmentExitCode)]
    [InlineData(2, TargetException.UsageExitCode)]
    [InlineData(1, TargetException.EnvironmentExitCode)]
    public async Task An_engine_that_refuses_to_start_is_quoted(int exitCode, int expected)
    {
        EngineTarget target = Target($"echo 'some log line' >&2\necho 'engine: port 9092 is in use' >&2\necho bye >&2\nexit {exitCode}\n");

        TargetException e = await Assert.ThrowsAsync<TargetException>(() => target.StartAsync(Cancel));

        Assert.Equal("engine did not start: port 9092 is in use", e.Message);
        Assert.Equal(expected, e.ExitCode);
        Assert.Null(target.ProcessId);
        await target.DisposeAsync();
        Assert.False(Directory.Exists(target.DataDirectory));
    }

    [Fact]
    public async Task An_engine_that_ends_without_a_word_of_its_own_is_told_by_its_exit_code_and_last_line()
    {
        await using EngineTarget target = Target("echo 'Segmentation fault' >&2\nexit 139\n");

        TargetException e = await Assert.ThrowsAsync<TargetException>(() => target.StartAsync(Cancel));

        Assert.EndsWith("was ended by signal 11 (SIGSEGV); it last said: Segmentation fault", e.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_engine_that_is_never_ready_is_given_up_and_killed()
    {
        string pidFile = Path.Combine(_folder.FullPath, "pid");
        await using EngineTarget target = Target(
            $"trap '' TERM\necho $$ > '{pidFile}'\necho 'still recovering' >&2\n" + Serve,
            options => options with { StartTimeout = TimeSpan.FromSeconds(10) });

        TargetException e = await Assert.ThrowsAsync<TargetException>(() => target.StartAsync(Cancel));

        Assert.Equal("engine was not ready within 10 s; it last said: still recovering", e.Message);
        Assert.False(IsAlive(int.Parse(await File.ReadAllTextAsync(pidFile, Cancel))));
    }

    [Fact]
    public async Task A_start_that_is_cancelled_leaves_no_process()
    {
        string pidFile = Path.Combine(_folder.FullPath, "pid");
        await using EngineTarget target = Target($"echo $$ > '{pidFile}.new'\nmv '{pidFile}.new' '{pidFile}'\n" + Serve);
        using CancellationTokenSource stop = CancellationTokenSource.CreateLinkedTokenSource(Cancel);

        Task start = target.StartAsync(stop.Token);
        while (!File.Exists(pidFile))
        {
            await Task.Delay(5, Cancel);
        }

        await stop.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => start);

        Assert.False(IsAlive(int.Parse(await File.ReadAllTextAsync(pidFile, Cancel))));
    }

    [Theory]
    [InlineData("echo hello\n", "'hello' is not its ready line")]
    [InlineData("echo 'ready listen=127.0.0.1:1 pid=1'\n", "has no metrics address")]
    [InlineData("echo 'ready listen=127.0.0.1:1 metrics=127.0.0.1:2 pid=1'\n", "it says that it is process 1, but process ")]
    public async Task A_wrong_ready_line_is_quoted(string says, string message)
    {
        await using EngineTarget target = Target(says + Serve);

        TargetException e = await Assert.ThrowsAsync<TargetException>(() => target.StartAsync(Cancel));

        Assert.Contains(message, e.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_missing_program_is_named()
    {
        await using EngineTarget target = new(new EngineTargetOptions { DataParent = _folder.FullPath, Executable = "/nowhere/engine" });

        TargetException e = await Assert.ThrowsAsync<TargetException>(() => target.StartAsync(Cancel));

        Assert.Equal("there is no program /nowhere/engine", e.Message);
    }

    [Fact]
    public async Task A_file_that_is_no_program_is_refused_with_the_systems_words()
    {
        string path = Path.Combine(_folder.FullPath, "text");
        await File.WriteAllTextAsync(path, "#!/nowhere/interpreter\n", Cancel);
        File.SetUnixFileMode(path, UnixFileMode.UserRead);
        await using EngineTarget target = new(new EngineTargetOptions { DataParent = _folder.FullPath, Executable = path });

        TargetException e = await Assert.ThrowsAsync<TargetException>(() => target.StartAsync(Cancel));

        Assert.Contains("did not start", e.Message, StringComparison.Ordinal);
        Assert.Contains("ermission denied", e.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_data_folder_that_cannot_be_made_is_named()
    {
        string file = Path.Combine(_folder.FullPath, "file");
        await File.WriteAllTextAsync(file, "", Cancel);
        EngineTarget target = new(new EngineTargetOptions { DataParent = file, Executable = _folder.Script(Ready + Serve) });

        TargetException e = await Assert.ThrowsAsync<TargetException>(() => target.StartAsync(Cancel));

        Assert.Contains($"data directory {file}", e.Message, StringComparison.Ordinal);
        Assert.Null(target.ProcessId);
    }

    [Fact]
    public async Task An_engine_that_dies_later_is_told_with_its_exit_code_and_last_lines()
    {
        await using EngineTarget target = Target("echo one >&2\necho 'engine: disk full' >&2\n" + Ready + "read -r line\nexit 5\n");
        await target.StartAsync(Cancel);
        int pid = target.ProcessId!.Value;
        Assert.False(target.Exited.IsCompleted);

        Processes.Send(pid, Signal.Kill);
        TargetExit exit = await target.Exited.WaitAsync(Cancel);

        Assert.Equal(137, exit.ExitCode);
        Assert.False(exit.Asked);
        Assert.False(exit.Forced);
        Assert.Equal("engine: disk full", exit.LastErrorLines[^1]);
        Assert.Equal($"process {pid} was ended by signal 9 (SIGKILL); it last said: engine: disk full", exit.Describe());
        Assert.False(IsAlive(pid));
    }

    [Fact]
    public async Task A_stop_is_asked_by_SIGTERM_and_the_engines_own_exit_code_is_kept()
    {
        await using EngineTarget target = Target("trap 'echo stopped >&2; exit 0' TERM\n" + Ready + "while :; do sleep 0.01; done\n");
        await target.StartAsync(Cancel);

        await target.StopAsync();
        await target.StopAsync();

        TargetExit exit = await target.Exited;
        Assert.Equal((0, true, false), (exit.ExitCode, exit.Asked, exit.Forced));
        Assert.Equal(["stopped"], exit.LastErrorLines);
        Assert.True(Directory.Exists(target.DataDirectory));
    }

    [Fact]
    public async Task An_engine_that_ignores_SIGTERM_is_killed_after_the_grace_with_its_children()
    {
        string childFile = Path.Combine(_folder.FullPath, "child");
        await using EngineTarget target = Target(
            $"trap '' TERM\nsleep 600 & echo $! > '{childFile}'\n" + Ready + "while :; do sleep 0.01; done\n",
            options => options with { StopGrace = TimeSpan.FromMilliseconds(100) });
        await target.StartAsync(Cancel);
        int pid = target.ProcessId!.Value;

        await target.StopAsync();

        TargetExit exit = await target.Exited;
        Assert.Equal((137, true, true), (exit.ExitCode, exit.Asked, exit.Forced));
        Assert.False(IsAlive(pid));

        int child = int.Parse(await File.ReadAllTextAsync(childFile, Cancel));
        while (Runs(child))
        {
            await Task.Delay(5, Cancel);
        }
    }

    [Fact]
    public async Task The_interrupt_that_a_terminal_sends_to_everybody_does_not_end_the_engine()
    {
        await using EngineTarget target = Target(Ready + "while :; do sleep 0.01; done\n");
        await target.StartAsync(Cancel);

        Processes.Send(target.ProcessId!.Value, Signal.Interrupt);
        Processes.Send(target.ProcessId!.Value, Signal.Terminate);

        Assert.Equal(128 + (int)Signal.Terminate, (await target.Exited.WaitAsync(Cancel)).ExitCode);
    }

    [Fact]
    public async Task A_stopped_target_starts_again_on_its_data_as_another_process()
    {
        await using EngineTarget target = Target("[ -f \"$4/mark\" ] && echo again >&2\ntouch \"$4/mark\"\n" + Ready + Serve);
        await target.StartAsync(Cancel);
        int first = target.ProcessId!.Value;
        await target.StopAsync();

        await target.StartAsync(Cancel);

        Assert.NotEqual(first, target.ProcessId);
        Assert.False(target.Exited.IsCompleted);
        await target.StopAsync();
        Assert.Equal(["again"], (await target.Exited).LastErrorLines);
    }

    [Fact]
    public async Task A_flood_on_both_outputs_never_blocks_the_engine()
    {
        await using EngineTarget target = Target(
            Ready + "i=0\nwhile [ $i -lt 3000 ]; do echo 'an ordinary line of a log, eighty characters or so, as many of them as there may be' >&2; echo out; i=$((i+1)); done\necho last >&2\nexit 0\n");
        await target.StartAsync(Cancel);

        TargetExit exit = await target.Exited.WaitAsync(Cancel);

        Assert.Equal("last", exit.LastErrorLines[^1]);
        Assert.Equal(50, exit.LastErrorLines.Count);
    }

    [Fact]
    public async Task The_description_is_read_back_from_the_broker_without_this_machines_paths()
    {
        EngineTarget? target = null;
        using FakeBroker broker = FakeBroker.Offering(request => new Reaction(request.Key == ApiKey.Metadata
            ? request.Answer(new MetadataResponse { Brokers = [new MetadataBroker { NodeId = 3, Host = "127.0.0.1", Port = 1 }] })
            : request.Answer(new DescribeConfigsResponse
            {
                Results =
                [
                    new DescribeConfigsResult
                    {
                        Type = (sbyte)ConfigResourceType.Broker,
                        Name = "3",
                        Configs =
                        [
                            new DescribedConfig { Name = "num.network.threads", Value = "2" },
                            new DescribedConfig { Name = "log.dirs", Value = target!.DataDirectory + "/logs" },
                            new DescribedConfig { Name = "unset" },
                            new DescribedConfig { Name = "secret", Value = "x", IsSensitive = true },
                        ],
                    },
                ],
            })));
        await using (target = Target($"echo \"ready listen={broker.Address} metrics=127.0.0.1:4002 pid=$$\"\n" + Serve))
        {
            await target.StartAsync(Cancel);

            TargetInfo info = await target.DescribeAsync(Cancel);

            Assert.Equal(("engine", "Harness engine", "unknown"), (info.Name, info.Product, info.Version));
            Assert.Equal(
                new Dictionary<string, string> { ["log.dirs"] = "DATA/logs", ["num.network.threads"] = "2", ["secret"] = "(hidden)" },
                info.Configuration);
        }
    }

    [Fact]
    public async Task What_needs_a_started_target_says_so()
    {
        await using EngineTarget target = Target(Ready + Serve);

        Assert.Throws<InvalidOperationException>(() => target.Address);
        await Assert.ThrowsAsync<InvalidOperationException>(() => target.Exited);
        await target.StopAsync();
    }

    private static bool IsAlive(int pid) => Directory.Exists($"/proc/{pid}");

    /// <summary>
    /// For what is not our child: an orphan's end is collected by whoever inherits it, in its own time, and until then it is a
    /// zombie, which runs no more.
    /// </summary>
    private static bool Runs(int pid)
    {
        try
        {
            return !File.ReadAllText($"/proc/{pid}/stat").Contains(") Z ", StringComparison.Ordinal);
        }
        catch (IOException)
        {
            return false;
        }
    }

    private EngineTarget Target(string script, Func<EngineTargetOptions, EngineTargetOptions>? change = null)
    {
        EngineTargetOptions options = new()
        {
            DataParent = Path.Combine(_folder.FullPath, "data of targets"),
            Executable = _folder.Script(script),
        };
        return new EngineTarget(change is null ? options : change(options));
    }
}
