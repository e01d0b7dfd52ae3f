namespace Harness.Measure;

/// <summary>Where a process spent its CPU time in a window.</summary>
/// <param name="Folded">Samples by stack: frames from the outermost to the innermost with semicolons between, named as <see cref="Results.CpuFrames"/> says.</param>
/// <param name="Lost">Samples for which there was no room.</param>
/// <param name="NotMeasured">What could not be had, with the command that would allow it.</param>
public sealed record ProcessProfile(IReadOnlyDictionary<string, long> Folded, long Lost, IReadOnlyList<string> NotMeasured)
{
    /// <summary>Of a broker whose process is not known.</summary>
    public static readonly ProcessProfile NoProcess = new(new Dictionary<string, long>(), 0, ["profile: the broker has no process on this machine that is known: run the harness beside it"]);
}
