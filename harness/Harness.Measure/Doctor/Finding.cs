namespace Harness.Measure.Doctor;

/// <summary>What one check found.</summary>
/// <param name="Check">A permanent name: <c>cpu.governor</c>.</param>
/// <param name="Message">What is so on this machine; for what is not known, the reason.</param>
/// <param name="Effect">What it does to a measurement; null for what does nothing.</param>
/// <param name="Command">The command that mends it, for a shell; null where none does.</param>
public sealed record Finding(string Check, Severity Severity, string Message, string? Effect = null, string? Command = null)
{
    internal static Finding Fine(string check, string message) => new(check, Severity.Fine, message);

    internal static Finding NotKnown(string check, string reason) => new(check, Severity.NotKnown, $"not known here: {reason}");
}
