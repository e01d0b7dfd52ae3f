namespace Harness.Measure;

/// <summary>What of the pipeline a pass runs.</summary>
internal enum PipelineStage
{
    /// <summary>send → recv → write → sendfile → recv.</summary>
    Whole,

    /// <summary>The same with two threads in the broker's place: recv → write, and sendfile.</summary>
    WholeByTwo,

    /// <summary>send → recv.</summary>
    Loopback,

    /// <summary>send → recv → write.</summary>
    ToPageCache,

    /// <summary>sendfile → recv.</summary>
    ServeBySendfile,

    /// <summary>read → send → recv.</summary>
    ServeByCopy,
}
