using Engine.Wire;

namespace Harness.Targets;

/// <summary>
/// A target cannot be found, started, spoken to or removed. The message is one line with the cause, fit to be shown to a user
/// as it is; <see cref="ExitCode"/> is what the harness ends with because of it.
/// </summary>
public sealed class TargetException : Exception
{
    /// <summary>The target or its environment failed.</summary>
    public const int EnvironmentExitCode = 5;

    /// <summary>The target was given something it does not accept, an unknown configuration key for instance.</summary>
    public const int UsageExitCode = 2;

    public TargetException(string message, Exception? inner = null)
        : base(OneLine(message), inner)
    {
    }

    /// <summary>2 where the user's input is at fault, else 5.</summary>
    public int ExitCode { get; init; } = EnvironmentExitCode;

    /// <summary>The protocol's error, where the broker answered with one.</summary>
    public ErrorCode? Error { get; init; }

    /// <summary>An error's name and number as users look them up: <c>UnknownTopicOrPartition (3)</c>.</summary>
    internal static string Describe(ErrorCode error) =>
        Enum.IsDefined(error) ? $"{error} ({(short)error})" : $"error code {(short)error}";

    /// <summary>Messages quote what brokers and the system said, which may have line ends of its own.</summary>
    private static string OneLine(string message) => message.ReplaceLineEndings(" ").TrimEnd();
}
