using System.Diagnostics.CodeAnalysis;
using System.Runtime.InteropServices;

namespace Harness.Measure;

/// <summary>How often each stack was sampled. A stack that was seen before costs no memory. Belongs to one thread.</summary>
internal sealed class StackCounts
{
    /// <summary>Of further different stacks only the innermost frames are kept: a bound for memory.</summary>
    internal const int StacksMax = 1 << 16;
    private const int FramesOfFurther = 2; // the mark and the address
    private readonly Dictionary<ulong[], long> _counts = new(new SameFrames());

    /// <summary>All samples.</summary>
    internal long Total { get; private set; }

    internal IEnumerable<KeyValuePair<ulong[], long>> Stacks => _counts;

    internal void Add(ReadOnlySpan<ulong> stack)
    {
        Total++;
        Dictionary<ulong[], long>.AlternateLookup<ReadOnlySpan<ulong>> lookup = _counts.GetAlternateLookup<ReadOnlySpan<ulong>>();
        if (_counts.Count >= StacksMax && !lookup.ContainsKey(stack))
        {
            stack = stack[..Math.Min(FramesOfFurther, stack.Length)];
        }

        CollectionsMarshal.GetValueRefOrAddDefault(lookup, stack, out _)++;
    }

    private sealed class SameFrames : IEqualityComparer<ulong[]>, IAlternateEqualityComparer<ReadOnlySpan<ulong>, ulong[]>
    {
        public bool Equals(ulong[]? x, ulong[]? y) => x.AsSpan().SequenceEqual(y);

        public bool Equals(ReadOnlySpan<ulong> alternate, ulong[] other) => alternate.SequenceEqual(other);

        public int GetHashCode([DisallowNull] ulong[] stack) => GetHashCode(stack.AsSpan());

        public int GetHashCode(ReadOnlySpan<ulong> stack)
        {
            HashCode hash = default;
            hash.AddBytes(MemoryMarshal.AsBytes(stack));
            return hash.ToHashCode();
        }

        public ulong[] Create(ReadOnlySpan<ulong> stack) => stack.ToArray();
    }
}
