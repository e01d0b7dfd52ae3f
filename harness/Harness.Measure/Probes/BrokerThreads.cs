namespace Harness.Measure;

/// <summary>
/// Which of the two arrangements of the whole pipeline is the stronger on this machine: one thread in the broker's place, or one that receives and writes and one
/// that serves. Both are measured when it is first asked for, and the stronger is used from then on: a ceiling below what another arrangement carries would be none.
/// </summary>
internal sealed class BrokerThreads
{
    private PipelineStage? _stronger;

    /// <summary>How many threads the stronger has in the broker's place.</summary>
    internal int Count => _stronger == PipelineStage.WholeByTwo ? 2 : 1;

    internal BarePipelinePass Measure(Func<PipelineStage, BarePipelinePass> measure)
    {
        if (_stronger is { } known)
        {
            return measure(known);
        }

        BarePipelinePass one = measure(PipelineStage.Whole);
        BarePipelinePass two = measure(PipelineStage.WholeByTwo);
        _stronger = two.BytesPerSecond > one.BytesPerSecond ? PipelineStage.WholeByTwo : PipelineStage.Whole;
        return _stronger == PipelineStage.Whole ? one : two;
    }
}
