using System.Globalization;

namespace Harness.Measure;

/// <summary>What the descriptors of a process refer to, from /proc/PID/fd.</summary>
internal static class DescriptorLinks
{
    private const string Deleted = " (deleted)";
    private const string GivenUp = ".deleted";
    private const string FlagsLine = "flags:";

    /// <summary>A path, <c>socket:[…]</c>, <c>pipe:[…]</c>; null when it is closed or may not be looked at.</summary>
    internal static string? Of(int pid, int descriptor)
    {
        try
        {
            return new FileInfo(string.Create(CultureInfo.InvariantCulture, $"/proc/{pid}/fd/{descriptor}")).LinkTarget;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }

    /// <summary>By the name that Kafka gives segments which it lets go of: what is still written there is no part of a log.</summary>
    internal static bool IsGivenUp(string link) => Name(link).EndsWith(GivenUp, StringComparison.Ordinal);

    /// <summary>The flags that it was opened with (fcntl.h); 0 when it is closed or may not be looked at.</summary>
    internal static long Flags(PseudoFiles files, int pid, int descriptor)
    {
        string flags = files.ReadText(string.Create(CultureInfo.InvariantCulture, $"/proc/{pid}/fdinfo/{descriptor}"))?
            .Split('\n').FirstOrDefault(line => line.StartsWith(FlagsLine, StringComparison.Ordinal))?[FlagsLine.Length..] ?? "0";

        // The kernel prints them in octal.
        return Convert.ToInt64(flags.Trim(), 8);
    }

    /// <summary>All of them, with the files that have lost their names left out.</summary>
    /// <exception cref="UnauthorizedAccessException">Another user's process.</exception>
    /// <exception cref="IOException">It has ended.</exception>
    internal static IEnumerable<(int Descriptor, string Path)> Files(int pid)
    {
        foreach (string name in Directory.EnumerateFileSystemEntries($"/proc/{pid}/fd").Select(Path.GetFileName).OfType<string>())
        {
            int descriptor = int.Parse(name, NumberStyles.None, CultureInfo.InvariantCulture);
            if (Of(pid, descriptor) is { } link && IsFile(link) && !link.EndsWith(Deleted, StringComparison.Ordinal))
            {
                yield return (descriptor, link);
            }
        }
    }

    internal static bool IsFile(string link) => link.StartsWith('/') && !link.StartsWith("/dev/", StringComparison.Ordinal);

    internal static bool IsSocket(string link) => link.StartsWith("socket:", StringComparison.Ordinal);

    /// <summary>The name without what the kernel adds when it is gone.</summary>
    internal static string Name(string link) => link.EndsWith(Deleted, StringComparison.Ordinal) ? link[..^Deleted.Length] : link;
}
