namespace Harness.Measure;

/// <summary>One call, as it was recorded. With one of the two names below it is none, but an end of a span in which records of a thread were lost.</summary>
/// <param name="AtNanos">When it began; CLOCK_MONOTONIC.</param>
/// <param name="Second">The call's second argument, and so on.</param>
/// <param name="Link">What the descriptor was when it was looked at: a path, <c>socket:[…]</c>; null when it was gone.</param>
/// <param name="Appends">The descriptor was opened with O_APPEND; only known of writes to files.</param>
/// <param name="Batch">With others of the same number it was read, and its descriptor looked at, behind the call.</param>
internal readonly record struct RecordedCall(
    long AtNanos, string Call, long Second, long Third, long Fourth, int Descriptor, string? Link, bool Appends, int Batch, long Result)
{
    internal const string LossBegins = "<";
    internal const string LossEnds = ">";

    internal bool IsFile => Link is { } link && DescriptorLinks.IsFile(link);

    internal bool WritesToFile => IsFile && SystemCalls.Writes(Call);
}
