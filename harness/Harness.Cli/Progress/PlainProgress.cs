using Harness.Runs;
using Results;

namespace Harness.Cli.Progress;

/// <summary>
/// Progress where nothing can be drawn over: a line for each phase, and one every five seconds of a trial with the average
/// since the last.
/// </summary>
internal sealed class PlainProgress(TextWriter writer) : IRunProgress
{
    private const double LineEverySeconds = 5;

    private readonly Lock _lock = new();
    private readonly List<SecondSample> _pending = [];

    public void Phase(string name, TimeSpan expected)
    {
        lock (_lock)
        {
            Flush();
            writer.WriteLine(expected > TimeSpan.Zero ? $"{name}, {SampleText.Seconds(expected.TotalSeconds)}" : name);
        }
    }

    public void Second(SecondSample sample)
    {
        lock (_lock)
        {
            _pending.Add(sample);
            if (_pending.Sum(s => s.LengthSeconds) >= LineEverySeconds - 0.5)
            {
                Flush();
            }
        }
    }

    public void Line(string text)
    {
        lock (_lock)
        {
            writer.WriteLine(text);
        }
    }

    private void Flush()
    {
        if (_pending.Count > 0)
        {
            writer.WriteLine($"  second {_pending[^1].AtSecond:0}: {SampleText.Of(_pending)}");
            _pending.Clear();
        }
    }
}
