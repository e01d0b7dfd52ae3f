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

        try
        {
            return Directory.EnumerateFiles(Path.GetTempPath(), string.Create(CultureInfo.InvariantCulture, $"dotnet-diagnostic-{pid}-*-socket")).Any();
        }
        catch (Exception unreadable) when (unreadable is IOException or UnauthorizedAccessException)
        {
            return false;
        }
    }
}
