using Harness.Measure;
using Results;

namespace Harness.Runs.Tests.Running;

public sealed class ProfileBookTests : IDisposable
{
    private readonly string _root = Directory.CreateTempSubdirectory("harness-profile-").FullName;
    private readonly ProfileBook _book;

    public ProfileBookTests() => _book = new ProfileBook(RunFolder.At(_root, DateTimeOffset.UnixEpoch, "test"));

    public void Dispose() => Directory.Delete(_root, recursive: true);

    [Fact]
    public void Trials_of_a_variant_are_one_profile_and_one_file()
    {
        _book.Add(Trial("engine", 0.25), Sampled(("engine;a_[k];memcpy_[k]", 5), ("engine;A.B_[j]", 1)));
        _book.Add(Trial("kafka", 9), Sampled(("java;libjvm.so", 7)));
        IReadOnlyList<CpuProfile> profiles = _book.Add(Trial("engine", 0.75), Sampled(("engine;a_[k];memcpy_[k]", 3), ("engine;a_[k]", 2)) with { Lost = 4 });
        Assert.Equal(["engine", "kafka"], profiles.Select(profile => profile.Variant));
        CpuProfile engine = profiles[0];
        Assert.Equal((2, 11L, 4L, 1.0, "profile-engine.folded"), (engine.Trials, engine.Samples, engine.LostSamples, engine.CpuSeconds, engine.FoldedFile));
        Assert.Equal([new(CpuCategory.KernelCopying, 8), new(CpuCategory.KernelOther, 2), new CategorySamples(CpuCategory.OwnCode, 1)], engine.Categories);
        Assert.Equal(["memcpy_[k] 8", "a_[k] 2", "A.B_[j] 1"], engine.Symbols.Select(symbol => $"{symbol.Name} {symbol.Samples}"));
        Assert.Equal("engine;A.B_[j] 1\nengine;a_[k] 2\nengine;a_[k];memcpy_[k] 8\n", File.ReadAllText(Path.Combine(_root, "profile-engine.folded")));
    }

    [Fact]
    public void Of_many_functions_those_with_most_samples_are_told_and_the_kinds_count_all()
    {
        CpuProfile profile = Assert.Single(_book.Add(Trial("engine", 1), Sampled([.. Enumerable.Range(1, 30).Select(i => ($"engine;f{i:00}_[k]", (long)i))])));
        Assert.Equal(Enumerable.Range(11, 20).Reverse().Select(i => $"f{i}_[k]"), profile.Symbols.Select(symbol => symbol.Name));
        Assert.Equal(465, Assert.Single(profile.Categories).Samples);
    }

    [Fact]
    public void Variants_whose_names_become_the_same_file_have_one_each()
    {
        _book.Add(Trial("engine+a=1", 1), Sampled(("engine;x", 1)));
        IReadOnlyList<CpuProfile> profiles = _book.Add(Trial("engine a 1", 1), Sampled(("engine;y", 1)));
        Assert.Equal(["profile-engine-a-1.folded", "profile-engine-a-1-2.folded"], profiles.Select(profile => profile.FoldedFile));
        Assert.Equal("engine;y 1\n", File.ReadAllText(Path.Combine(_root, "profile-engine-a-1-2.folded")));
    }

    [Fact]
    public void A_broker_that_cannot_be_sampled_has_its_reasons_once_and_no_file()
    {
        _book.Add(Trial("kafka://far:9092", 1), ProcessProfile.NoProcess);
        CpuProfile profile = Assert.Single(_book.Add(Trial("kafka://far:9092", 1), ProcessProfile.NoProcess));
        Assert.Equal((0, 0L, null), (profile.Trials, profile.Samples, profile.FoldedFile));
        Assert.Equal(ProcessProfile.NoProcess.NotMeasured, profile.NotMeasured);
        Assert.Empty(Directory.GetFiles(_root));
    }

    private static ProcessProfile Sampled(params (string Stack, long Samples)[] folded) => new(folded.ToDictionary(f => f.Stack, f => f.Samples), 0, []);

    private static Trial Trial(string variant, double cpuSeconds)
    {
        ProcessUsage used = new()
        {
            UserSeconds = cpuSeconds / 5,
            SystemSeconds = cpuSeconds * 4 / 5,
            CpuShare = 0,
            AnonymousPeakBytes = 0,
            ResidentPeakBytes = 0,
            VoluntarySwitches = 0,
            InvoluntarySwitches = 0,
            MinorFaults = 0,
            MajorFaults = 0,
        };
        return new Trial
        {
            Index = 0,
            Block = 0,
            Target = variant,
            Variant = variant,
            StartedUtc = DateTimeOffset.UnixEpoch,
            Status = TrialStatus.Completed,
            WarmupSeconds = 0,
            WindowSeconds = 1,
            Sent = FlowTotals.Zero,
            Acknowledged = FlowTotals.Zero,
            Consumed = FlowTotals.Zero,
            Series = [],
            Latency = new LatencyInfo { ClosedLoop = true, StampResolutionMicros = 0 },
            Verification = new Verification
            {
                Depth = "",
                Sent = 0,
                Acknowledged = 0,
                Delivered = 0,
                Lost = 0,
                Duplicated = 0,
                Reordered = 0,
                Damaged = 0,
                Unacknowledged = 0,
                Complete = true,
                Violations = [],
            },
            Broker = used,
            Generator = used,
            GeneratorLimits = new GeneratorLimits { InFlightFullShare = 0, GeneratorLimited = false },
            Storage = new StorageInfo { Regime = StorageRegime.Mixed, AcceptedBytes = 0, DirtyPeakBytes = 0, DirtyLimitBytes = 0, Sentence = "" },
            StealShare = 0,
            Steady = true,
            LimitedBy = "",
        };
    }
}
