using System.Globalization;
using System.Runtime.InteropServices;
using Engine.Linux;
using Results;

namespace Harness.Measure;

/// <summary>The segment files that a broker has open, found through its descriptors: so of any broker, in a container too.</summary>
internal static class SegmentFiles
{
    /// <summary>More are not looked at.</summary>
    private const int FilesMax = 4096;

    /// <exception cref="UnauthorizedAccessException">Another user's process.</exception>
    /// <exception cref="IOException">It has ended, or the kernel does not tell (cachestat, Linux 6.5).</exception>
    internal static (ResidentFiles Files, bool Direct) Look(int pid)
    {
        HashSet<string> seen = [];
        int files = 0;
        long bytes = 0;
        long resident = 0;
        bool direct = false;
        PseudoFiles pseudo = new();
        foreach ((int descriptor, string path) in DescriptorLinks.Files(pid))
        {
            if (!path.EndsWith(".log", StringComparison.Ordinal) || !char.IsAsciiDigit(Path.GetFileName(path.AsSpan())[0]) || files == FilesMax)
            {
                continue;
            }

            direct |= IsDirect(pseudo, pid, descriptor);
            if (seen.Add(path))
            {
                // Through the broker's own descriptor: its path may be another one outside its mounts.
                using FileDescriptor file = Files.Open(string.Create(CultureInfo.InvariantCulture, $"/proc/{pid}/fd/{descriptor}"), OpenFlags.ReadOnly);
                files++;
                bytes += Files.Length(file);
                resident += PageCache.ResidentBytes(file);
            }
        }

        return (new ResidentFiles(files, bytes, Math.Min(bytes, resident)), direct);
    }

    private static bool IsDirect(PseudoFiles files, int pid, int descriptor)
    {
        // O_DIRECT (asm/fcntl.h).
        int flag = RuntimeInformation.ProcessArchitecture == Architecture.Arm64 ? 0x10000 : 0x4000;
        return (DescriptorLinks.Flags(files, pid, descriptor) & flag) != 0;
    }
}
