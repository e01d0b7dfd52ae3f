namespace Harness.Cli.Testing;

/// <summary>
/// Passes on what a test program prints, without the runner's list of files and its summary, which our own
/// line says shorter. Cosmetic only: no count depends on it. Called from both of the process's reader threads.
/// </summary>
internal sealed class OutputFilter(TextWriter details)
{
    private static readonly string[] Closing = ["Test run summary:", "  In process file artifacts produced:"];

    private readonly Lock _lock = new();
    private bool _closed;

    /// <param name="line">Null at the end of the stream.</param>
    public void Line(string? line)
    {
        lock (_lock)
        {
            _closed |= line is not null && Closing.Any(words => line.StartsWith(words, StringComparison.Ordinal));
            if (!_closed && !string.IsNullOrWhiteSpace(line))
            {
                details.WriteLine(line);
            }
        }
    }

    public void Error(string? line)
    {
        lock (_lock)
        {
            if (line is not null)
            {
                details.WriteLine(line);
            }
        }
    }
}
