using System.Text.RegularExpressions;

namespace Results;

/// <summary>
/// What kind of code a frame of a folded stack is, by its name alone: one rule for who counts samples and who draws them. Names have the suffixes of the tools
/// for flame graphs.
/// </summary>
public static partial class CpuFrames
{
    /// <summary>A function of the kernel.</summary>
    public const string KernelSuffix = "_[k]";

    /// <summary>A function compiled at run time.</summary>
    public const string CompiledSuffix = "_[j]";

    /// <summary>The kernel without names.</summary>
    public const string KernelUnnamed = "[kernel]" + KernelSuffix;

    /// <summary>Addresses of which nothing is known.</summary>
    public const string Unknown = "[unknown]";

    /// <summary>Code that a program other than .NET made at run time and told nobody the names of, such as a Java machine's.</summary>
    public const string Generated = "[compiled at run time]";

    /// <summary>Stands before what the .NET runtime made at run time for itself.</summary>
    public const string StubPrefix = "[stub] ";

    private static readonly string[] RuntimeLibraries =
        ["libcoreclr.so", "libclrjit.so", "libclrgc.so", "libclrgcexp.so", "libhostfxr.so", "libhostpolicy.so", "libSystem.Native.so", "libcoreclrtraceptprovider.so"];

    /// <summary>The frame's name without the suffix that says what it is.</summary>
    public static string Plain(string frame)
    {
        ArgumentNullException.ThrowIfNull(frame);
        return frame.EndsWith(KernelSuffix, StringComparison.Ordinal) ? frame[..^KernelSuffix.Length]
            : frame.EndsWith(CompiledSuffix, StringComparison.Ordinal) ? frame[..^CompiledSuffix.Length]
            : frame;
    }

    /// <param name="frame">As in a folded stack.</param>
    public static CpuCategory CategoryOf(string frame)
    {
        ArgumentNullException.ThrowIfNull(frame);
        if (frame.EndsWith(KernelSuffix, StringComparison.Ordinal))
        {
            return frame == KernelUnnamed ? CpuCategory.KernelUnnamed
                : Copies().IsMatch(frame.AsSpan(0, frame.Length - KernelSuffix.Length)) ? CpuCategory.KernelCopying
                : CpuCategory.KernelOther;
        }

        if (frame.EndsWith(CompiledSuffix, StringComparison.Ordinal))
        {
            return frame.StartsWith(StubPrefix, StringComparison.Ordinal) ? CpuCategory.Runtime
                : Checksum().IsMatch(frame) ? CpuCategory.Checksum
                : CpuCategory.OwnCode;
        }

        return frame == Unknown ? CpuCategory.Unknown
            : frame.EndsWith(".dll", StringComparison.Ordinal) ? CpuCategory.OwnCode
            : RuntimeLibraries.Contains(frame) ? CpuCategory.Runtime
            : CpuCategory.UserCode;
    }

    // The functions of Linux in whose own instructions data is copied between a process and the kernel, or inside the kernel: copy_page_range and the like, which
    // copy tables of a process that forks, are none of them. Endings such as .isra.0 and .constprop.0 are the compiler's.
    [GeneratedRegex(@"^(
        _*(arch_|generic_)?copy_(to|from)_user(_\w+)? | rep_movs\w* | copy_user_\w+ | copy_mc_\w+ | _*copy_user(_nocache)? |
        _*(simple_)?copy_(to|from)_iter(_\w+)? | _*copy_(page|folio)_(to|from)_iter(_\w+)? | copy_(page|folio|highpage|mc_page)(_regs|_mc)? | copyin | copyout | memcpy_(to|from)_iter(_\w+)? | copy_(to|from)_user_iter(_\w+)? |
        _*(pi_)?mem(cpy|move)(_orig|_erms|_fromio|_toio|_flushcache|_mcsafe)? | csum_and_copy_\w+ | csum_partial_copy_\w+ | skb_copy_bits
        )(\.\w+)*$", RegexOptions.IgnorePatternWhitespace)]
    private static partial Regex Copies();

    [GeneratedRegex(@"\bCrc32C?\b")]
    private static partial Regex Checksum();
}
