namespace Harness.Runs.Scenarios;

/// <summary>A scenario that cannot be run as written. Carries every problem found; the message has one line for each.</summary>
public sealed class ScenarioException : Exception
{
    public ScenarioException()
    {
    }

    public ScenarioException(string message)
        : base(message)
    {
    }

    public ScenarioException(string message, Exception innerException)
        : base(message, innerException)
    {
    }

    public ScenarioException(IReadOnlyList<ScenarioProblem> problems, Exception? innerException = null)
        : base(string.Join('\n', problems), innerException)
    {
        Problems = problems;
    }

    /// <summary>In the order of the file.</summary>
    public IReadOnlyList<ScenarioProblem> Problems { get; } = [];
}
