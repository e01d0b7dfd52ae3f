using Results;

namespace Harness.Runs;

/// <summary>What a run tells while it goes on. Called from one thread at a time; must not throw.</summary>
public interface IRunProgress
{
    /// <summary>A new phase begins, expected to take so long.</summary>
    void Phase(string name, TimeSpan expected);

    /// <summary>Another second of a trial has been measured.</summary>
    void Second(SecondSample sample);

    /// <summary>Something a reader of the log wants to know.</summary>
    void Line(string text);
}
