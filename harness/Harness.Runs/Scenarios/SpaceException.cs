namespace Harness.Runs.Scenarios;

/// <summary>Too little disk space for the run; the message is one line. Nothing has been started.</summary>
public sealed class SpaceException : Exception
{
    public SpaceException()
    {
    }

    public SpaceException(string message)
        : base(message)
    {
    }

    public SpaceException(string message, Exception innerException)
        : base(message, innerException)
    {
    }
}
