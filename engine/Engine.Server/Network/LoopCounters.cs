using Engine.Wire;

namespace Engine.Server;

/// <summary>
/// What a loop has done, written by its thread alone and read by the metrics page. Objects on the heap are apart, and these are padded,
/// so that two loops' counters never share a cache line.
/// </summary>
internal sealed class LoopCounters
{
    private readonly LoopTotals _totals = new();
    private readonly long[] _requestsByApi = new long[Apis.Served.Max(api => (int)api.Key) + 1];
    private readonly ErrorTally[] _errorsByApi = [.. Enumerable.Range(0, Apis.Served.Max(api => (int)api.Key) + 1).Select(_ => new ErrorTally())];

    public ref long Requests => ref _totals.Requests;
    public ref long ProduceBytes => ref _totals.ProduceBytes;
    public ref long FetchBytes => ref _totals.FetchBytes;
    public ref long ReceivedBytes => ref _totals.ReceivedBytes;
    public ref long SentBytes => ref _totals.SentBytes;

    /// <summary>Answers in memory that wait to be sent, now.</summary>
    public ref long UnsentBytes => ref _totals.UnsentBytes;

    /// <summary>Connections closed because nothing went over them.</summary>
    public ref long Idle => ref _totals.Idle;

    /// <summary>Connections closed in the middle of a request or an answer that got no further.</summary>
    public ref long Stalled => ref _totals.Stalled;

    public ref long RequestsOf(ApiKey api) => ref _requestsByApi[(int)api];

    public ErrorTally ErrorsOf(ApiKey api) => _errorsByApi[(int)api];
}
