namespace Harness.Interop.Tests.Running;

/// <summary>What a program said and how it ended.</summary>
internal sealed record ProgramOutput(int ExitCode, byte[] Output, string Errors)
{
    /// <summary>Standard output as text.</summary>
    public string Text => System.Text.Encoding.UTF8.GetString(Output);
}
