using Harness.Runs;
using Results;
using Spectre.Console;
using Spectre.Console.Rendering;

namespace Harness.Cli.Progress;

/// <summary>
/// Progress on a terminal: phase, elapsed and remaining time, and the last second's figures, drawn over themselves.
/// The run calls in from its threads and only leaves what it says; one loop draws.
/// </summary>
internal sealed class LiveProgress : IRunProgress
{
    private static readonly TimeSpan Refresh = TimeSpan.FromMilliseconds(250);

    private readonly Lock _lock = new();
    private readonly TimeProvider _time;
    private readonly long _begun;
    private readonly Queue<string> _lines = new();
    private string _phase = "starting";
    private TimeSpan _expected;
    private long _phaseBegun;
    private SecondSample? _sample;

    internal LiveProgress(TimeProvider time)
    {
        _time = time;
        _begun = _phaseBegun = time.GetTimestamp();
    }

    /// <summary>Draws until <paramref name="body"/> has ended, then clears what it drew.</summary>
    public static async Task<T> Show<T>(IAnsiConsole console, TimeProvider time, Func<IRunProgress, Task<T>> body)
    {
        LiveProgress progress = new(time);
        return await console.Live(progress.Render()).AutoClear(true).StartAsync(async context =>
        {
            Task<T> run = Task.Run(() => body(progress));
            while (!run.IsCompleted)
            {
                await Task.WhenAny(run, Task.Delay(Refresh));
                progress.Draw(console, context);
            }

            progress.Draw(console, context);
            return await run;
        });
    }

    public void Phase(string name, TimeSpan expected)
    {
        lock (_lock)
        {
            (_phase, _expected, _phaseBegun, _sample) = (name, expected, _time.GetTimestamp(), null);
        }
    }

    public void Second(SecondSample sample)
    {
        lock (_lock)
        {
            _sample = sample;
        }
    }

    public void Line(string text)
    {
        lock (_lock)
        {
            _lines.Enqueue(text);
        }
    }

    internal IRenderable Render()
    {
        lock (_lock)
        {
            double elapsed = _time.GetElapsedTime(_phaseBegun).TotalSeconds;
            string remaining = _expected > TimeSpan.Zero ? $", {SampleText.Seconds(_expected.TotalSeconds - elapsed)} left" : "";
            string whole = SampleText.Seconds(_time.GetElapsedTime(_begun).TotalSeconds);
            return new Rows(
                new Markup($"[bold]{Markup.Escape(_phase)}[/]  {SampleText.Seconds(elapsed)}{remaining}  [dim](run: {whole})[/]"),
                new Text(_sample is { } sample ? SampleText.Of([sample]) : ""));
        }
    }

    private void Draw(IAnsiConsole console, LiveDisplayContext context)
    {
        string[] lines;
        lock (_lock)
        {
            lines = [.. _lines];
            _lines.Clear();
        }

        foreach (string line in lines)
        {
            console.WriteLine(line);
        }

        context.UpdateTarget(Render());
    }
}
