using System.Globalization;

namespace Harness.Measure;

/// <summary>Whether a process is one of .NET.</summary>
internal static class ManagedRuntime
{
    /// <summary>By the runtime's library, or, where that is part of the program's own file, by the socket that the runtime opens for diagnosis.</summary>
    internal static bool IsIn(int pid, PseudoFiles files)
    {
        if (files.ReadText(string.Create(CultureInfo.InvariantCulture, $"/proc/{pid}/maps"))?.Contains("/libcoreclr.so", StringComparison.Ordinal) == true)
        {
            return true;
        }

        // Named by its start too: one that was killed leaves its socket behind, and another process may have its number now.
        return ProcessSampler.StartTicks(pid, files) is { } start
            && File.Exists(Path.Combine(Path.GetTempPath(), string.Create(CultureInfo.InvariantCulture, $"dotnet-diagnostic-{pid}-{start}-socket")));
    }
}
