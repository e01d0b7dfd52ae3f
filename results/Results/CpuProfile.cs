namespace Results;

/// <summary>
/// Where the broker's CPU time went, sampled from outside in the counted windows of a variant's trials, all of them together. The stacks themselves are
/// in files beside the result.
/// </summary>
public sealed record CpuProfile
{
    /// <summary>The variant's name (<see cref="VariantInfo.Name"/>).</summary>
    public required string Variant { get; init; }

    /// <summary>Trials in which the broker was sampled.</summary>
    public required int Trials { get; init; }

    /// <summary>How often each thread was looked at in a second of CPU time that it used.</summary>
    public required int Hertz { get; init; }

    public required long Samples { get; init; }

    /// <summary>Samples for which there was no room, and which are in no figure.</summary>
    public long LostSamples { get; init; }

    /// <summary>CPU time that the broker used in those windows by the kernel's own account: times <see cref="Hertz"/>, the samples to expect.</summary>
    public required double CpuSeconds { get; init; }

    /// <summary>All samples by the kind of code that ran, in the order of <see cref="CpuCategory"/>; kinds without samples are left out.</summary>
    public required IReadOnlyList<CategorySamples> Categories { get; init; }

    /// <summary>The functions, or where there are no names the libraries, in which most samples were, most frequent first.</summary>
    public required IReadOnlyList<SymbolSamples> Symbols { get; init; }

    /// <summary>The file of folded stacks beside the result; null where there are no samples.</summary>
    public string? FoldedFile { get; init; }

    /// <summary>What could not be sampled or named here, each with its reason and the command that would allow it.</summary>
    public required IReadOnlyList<string> NotMeasured { get; init; }
}

/// <param name="Samples">In which code of this kind ran.</param>
public sealed record CategorySamples(CpuCategory Category, long Samples);

/// <param name="Name">As in the folded stacks: a function of the kernel ends in <c>_[k]</c>, one compiled at run time in <c>_[j]</c>; a library has its file's name.</param>
/// <param name="Samples">In which it was what ran, not what had called it.</param>
public sealed record SymbolSamples(string Name, CpuCategory Category, long Samples);

/// <summary>What kind of code the CPU was in.</summary>
public enum CpuCategory
{
    /// <summary>The kernel, copying bytes of data.</summary>
    KernelCopying,

    /// <summary>The kernel, doing anything else.</summary>
    KernelOther,

    /// <summary>The kernel where it does not tell its names, so that copying cannot be told from the rest.</summary>
    KernelUnnamed,

    /// <summary>The engine's checksum.</summary>
    Checksum,

    /// <summary>All other managed code of a .NET process, the framework's included; and of another process what it compiles at run time, if it tells the names.</summary>
    OwnCode,

    /// <summary>The .NET runtime: collector, compiler, and what they are made of.</summary>
    Runtime,

    /// <summary>Any other code outside the kernel, by library.</summary>
    UserCode,

    /// <summary>Addresses of which nothing is known.</summary>
    Unknown,
}
