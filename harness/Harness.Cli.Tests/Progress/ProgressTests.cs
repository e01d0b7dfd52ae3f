using Harness.Cli.Progress;
using Spectre.Console;

namespace Harness.Cli.Tests.Progress;

public sealed class ProgressTests
{
    private const string Figures = "acknowledged 12.0 M msg/s, consumed 12.0 M msg/s (360 MB/s of values), CPUs: broker 0.90, generator 1.05";

    [Fact]
    public void Plain_progress_is_a_line_a_phase_and_one_for_every_five_seconds()
    {
        using StringWriter writer = new();
        PlainProgress progress = new(writer);
        progress.Phase("trial 1 of 3: warm-up", TimeSpan.FromSeconds(4));
        for (int second = 1; second <= 11; second++)
        {
            progress.Second(MakeResult.Sample(second, 12_000_000));
        }

        progress.Line("segment deleted");
        progress.Phase("drain", TimeSpan.Zero);
        Assert.Equal(
            [
                "trial 1 of 3: warm-up, 4 s", $"  second 5: {Figures}", $"  second 10: {Figures}", "segment deleted", $"  second 11: {Figures}", "drain", "",
            ],
            writer.ToString().Split('\n'));
    }

    [Fact]
    public async Task The_live_display_shows_lines_phase_and_figures_and_returns_what_the_run_returns()
    {
        using StringWriter writer = new();
        IAnsiConsole console = AnsiConsole.Create(new AnsiConsoleSettings
        {
            Ansi = AnsiSupport.No,
            Interactive = InteractionSupport.No,
            Out = new AnsiConsoleOutput(writer),
        });
        console.Profile.Width = 200;
        int answer = await LiveProgress.Show(console, new StandingClock(), progress =>
        {
            progress.Phase("trial [1] of 3", TimeSpan.FromSeconds(30));
            progress.Second(MakeResult.Sample(1, 12_000_000));
            progress.Line("a line with [brackets]");
            return Task.FromResult(42);
        });

        Assert.Equal(42, answer);
        string text = writer.ToString();
        Assert.Contains("a line with [brackets]", text, StringComparison.Ordinal);
        Assert.Contains("trial [1] of 3", text, StringComparison.Ordinal);
        Assert.Contains("30 s left", text, StringComparison.Ordinal);
        Assert.Contains(Figures, text, StringComparison.Ordinal);
    }

    [Fact]
    public void Percentiles_are_of_the_worst_second_and_backlog_and_violations_of_the_last()
    {
        using StringWriter writer = new();
        PlainProgress progress = new(writer);
        for (int second = 1; second <= 5; second++)
        {
            progress.Second(MakeResult.Sample(second, 1_000) with
            {
                PublishP99Micros = second == 3 ? 12_500 : null,
                EndToEndP99Micros = 1_000 * second,
                BacklogMessages = 600 - (100 * second),
                Violations = second / 5,
            });
        }

        Assert.EndsWith("; p99 publish 12.5 ms, end to end 5.00 ms; backlog 100, violations 1\n", writer.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_failing_run_fails_through_the_live_display()
    {
        IAnsiConsole console = AnsiConsole.Create(new AnsiConsoleSettings { Ansi = AnsiSupport.No, Out = new AnsiConsoleOutput(TextWriter.Null) });
        await Assert.ThrowsAsync<IOException>(() =>
            LiveProgress.Show<int>(console, TimeProvider.System, _ => throw new IOException("disk")));
    }

    private sealed class StandingClock : TimeProvider
    {
        public override long GetTimestamp() => 0;
    }
}
