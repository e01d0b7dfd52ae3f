namespace Results;

/// <summary>
/// A result document that cannot be read or written. The message is one line that names the file and, where it has one, the line and key.
/// </summary>
public sealed class ResultFormatException : Exception
{
    public ResultFormatException()
    {
    }

    public ResultFormatException(string message)
        : base(message)
    {
    }

    public ResultFormatException(string message, Exception innerException)
        : base(message, innerException)
    {
    }
}
