using Engine.Linux;
using Results;

namespace Harness.Measure;

/// <summary>Gives the addresses of a sampled stack their names. Belongs to one thread.</summary>
/// <param name="kernel">Null where the kernel hides its addresses.</param>
/// <param name="compiled">Null where the process tells nothing of what it compiles.</param>
/// <param name="managed">It is a .NET process: all that it compiles it tells, if anything.</param>
internal sealed class FrameNames(KernelSymbols? kernel, MappedFiles files, CompiledMethods? compiled, bool managed)
{
    private const string OtherProcess = "[process that it started]";
    private readonly Dictionary<ulong, string> _user = [];
    private readonly Dictionary<ulong, string> _kernel = [];

    /// <summary>The frames as a folded stack has them: from the outermost to the innermost, with semicolons between.</summary>
    /// <param name="stack">As the kernel samples it: the innermost first, with marks between kernel and user.</param>
    /// <param name="own">False for a process that the sampled one has started: nothing is known of its addresses.</param>
    internal string Fold(string root, ReadOnlySpan<ulong> stack, bool own)
    {
        List<string> frames = [];
        bool inKernel = false;
        foreach (ulong entry in stack)
        {
            if (entry >= PerfSamples.ContextMin)
            {
                inKernel = entry == PerfSamples.KernelContext;
                continue;
            }

            string frame = inKernel ? KernelFrame(entry) : own ? UserFrame(entry) : OtherProcess;

            // Of code without names a call from it into itself says nothing.
            if (frames.Count == 0 || frames[^1] != frame || frame.EndsWith(CpuFrames.CompiledSuffix, StringComparison.Ordinal))
            {
                frames.Add(frame);
            }
        }

        if (frames.Count == 0)
        {
            frames.Add(CpuFrames.Unknown);
        }

        frames.Add(root);
        frames.Reverse();
        return string.Join(';', frames);
    }

    private string KernelFrame(ulong address)
    {
        if (!_kernel.TryGetValue(address, out string? name))
        {
            _kernel[address] = name = kernel is null ? CpuFrames.KernelUnnamed : (kernel.NameOf(address) ?? CpuFrames.Unknown) + CpuFrames.KernelSuffix;
        }

        return name;
    }

    private string UserFrame(ulong address)
    {
        if (!_user.TryGetValue(address, out string? name))
        {
            _user[address] = name = compiled?.FrameOf(address) ?? files.NameOf(address) ?? (managed || compiled is not null ? CpuFrames.Unknown : CpuFrames.Generated);
        }

        return name;
    }
}
