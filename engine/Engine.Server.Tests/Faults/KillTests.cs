namespace Engine.Server.Tests;

/// <summary>
/// SIGKILL in the middle of a load: what was acknowledged is there afterwards, an idempotent producer finds nothing of its own twice, and only
/// whole batches are served.
/// </summary>
public sealed class KillTests : IDisposable
{
    private const int KillsOrdinary = 6;
    private const int KillsLong = 10;
    private const int LoadMsMax = 250;

    /// <summary>Segments as small as they can be, so that rolls are among what is interrupted.</summary>
    private static readonly string[] Settings = ["--set", "log.segment.bytes=1048576", "--set", "log.flush.offset.checkpoint.interval.ms=50"];

    private static readonly string[] RecordSettings = [.. Settings, "--set", "technique.batching=record"];

    private readonly TemporaryDirectory _data = new();

    /// <summary>206 kills in all.</summary>
    public static IEnumerable<TheoryDataRow<int, int>> Rounds() =>
    [
        new TheoryDataRow<int, int>(1, KillsOrdinary),
        .. Enumerable.Range(2, 20).Select(seed => new TheoryDataRow<int, int>(seed, KillsLong).WithTrait("Category", "Long")),
    ];

    /// <summary>The calls that change files, and which one of its thread's is the last.</summary>
    public static IEnumerable<TheoryDataRow<string, int>> LastCalls() =>
        from call in (string[])["pwrite64", "fdatasync,fsync", "openat", "rename,ftruncate,unlink"]
        from nth in (int[])[1, 2, 3, 4, 5, 6, 8, 11, 16, 23]
        select Row(call, nth);

    public void Dispose() => _data.Dispose();

    [Theory]
    [MemberData(nameof(Rounds))]
    public void Killed_at_random_moments_it_loses_and_doubles_nothing(int seed, int kills) => KillAtRandom(seed, kills, Settings);

    /// <summary>Most of these kills are between two records of a batch: a producer's repeat of it brings only the rest.</summary>
    [Theory]
    [MemberData(nameof(Rounds))]
    public void Killed_between_records_it_loses_and_doubles_nothing(int seed, int kills) => KillAtRandom(seed, kills, RecordSettings);

    [Theory]
    [InlineData(3)]
    [InlineData(40)]
    public void Killed_at_the_write_of_a_record_it_loses_and_doubles_nothing(int nth) => KillAtCall("pwrite64", nth, RecordSettings);

    private void KillAtRandom(int seed, int kills, string[] settings)
    {
        Random random = new(seed);
        // Where a record is stored on its own, a kill may part a batch.
        Load load = new(seed) { PartedMax = settings == RecordSettings ? 2 * kills : 0 };
        for (int kill = 0; kill < kills; kill++)
        {
            using EngineProcess engine = EngineProcess.Start(_data.Path, settings);
            if (kill == 0)
            {
                Load.CreateTopic(engine.EndPoint);
            }

            load.Check(engine.EndPoint);
            load.Begin(engine.EndPoint);
            load.WaitForMore(random.Next(3));
            Thread.Sleep(random.Next(LoadMsMax));
            engine.Kill();
            load.End();
            if (kill % 3 == 2)
            {
                // In the middle of the recovery, or not long after.
                EngineProcess.StartAndKill(_data.Path, TimeSpan.FromMilliseconds(random.Next(50, 600)), settings);
            }
        }

        Finish(load, settings);
    }

    /// <summary>Every valid combination of techniques but the one of all the other tests.</summary>
    public static IEnumerable<TheoryDataRow<string, string, string, string>> Combinations() =>
        from batching in (string[])["batch", "record"]
        from log in (string[])["sequential", "scattered"]
        from way in (string[])["page sendfile", "page copy", "direct copy"]
        where (batching, log, way) is not ("batch", "sequential", "page sendfile")
        select Row(batching, log, way.Split(' ')[0], way.Split(' ')[1]);

    [Theory]
    [MemberData(nameof(Combinations))]
    public void However_it_stores_and_sends_it_loses_and_doubles_nothing(string batching, string log, string cache, string transfer)
    {
        const int kills = 2;
        string[] settings =
        [
            .. Settings, "--set", $"technique.batching={batching}", "--set", $"technique.log={log}", "--set", $"technique.cache={cache}",
            "--set", $"technique.transfer={transfer}",
        ];
        Random random = new(7);
        Load load = new(7) { PartedMax = batching == "record" ? 2 * kills : 0 };
        for (int kill = 0; kill < kills; kill++)
        {
            using EngineProcess engine = EngineProcess.Start(_data.Path, settings);
            if (kill == 0)
            {
                Load.CreateTopic(engine.EndPoint);
            }

            load.Check(engine.EndPoint);
            load.Begin(engine.EndPoint);
            load.WaitForMore(random.Next(3));
            engine.Kill();
            load.End();
        }

        Finish(load, settings);
    }

    [Theory]
    [MemberData(nameof(LastCalls))]
    public void Killed_at_a_call_it_loses_and_doubles_nothing(string calls, int nth) => KillAtCall(calls, nth, Settings);

    private void KillAtCall(string calls, int nth, string[] settings)
    {
        string[] strace = Strace.InjectOrSkip(calls, $"signal=SIGKILL:when={nth}");
        Load load = new(nth) { PartedMax = settings == RecordSettings ? 2 : 0 };
        using (EngineProcess first = EngineProcess.Start(_data.Path, settings))
        {
            Load.CreateTopic(first.EndPoint, ("flush.messages", "50"));
            load.Finish(first.EndPoint);
            first.Kill();
        }

        // It may come no further than into its start.
        using (EngineProcess? killed = EngineProcess.TryStartUnder(strace, _data.Path, settings))
        {
            if (killed is not null)
            {
                load.Begin(killed.EndPoint);
                bool died = killed.WaitForExit();
                killed.Kill();
                load.End();
                Assert.True(died, $"no thread came to call {nth} of {calls}");
            }
        }

        using EngineProcess last = EngineProcess.Start(_data.Path, settings);
        load.Check(last.EndPoint);
        load.Finish(last.EndPoint);
        load.Check(last.EndPoint);
    }

    private static TheoryDataRow<string, string, string, string> Row(string batching, string log, string cache, string transfer)
    {
        TheoryDataRow<string, string, string, string> row = new(batching, log, cache, transfer);
        return batching == "batch" || (log, transfer) == ("sequential", "sendfile") ? row : row.WithTrait("Category", "Long");
    }

    private static TheoryDataRow<string, int> Row(string call, int nth)
    {
        TheoryDataRow<string, int> row = new(call, nth);
        return call == "pwrite64" && nth == 5 ? row : row.WithTrait("Category", "Long");
    }

    /// <summary>A last start finds all that was acknowledged, before and after the rest is sent, and stops clean.</summary>
    private void Finish(Load load, string[] settings)
    {
        using EngineProcess last = EngineProcess.Start(_data.Path, settings);
        load.Check(last.EndPoint);
        load.Finish(last.EndPoint);
        load.Check(last.EndPoint);
        Assert.Equal(0, last.Terminate());
    }
}
