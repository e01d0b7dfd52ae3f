using Results;

namespace Harness.Runs.Tests.Probing;

public sealed class ProbeCacheTests : IDisposable
{
    private static readonly ProbeKey Key = new("boot-1", "abc", "ext4 rw vda1", "1 plan");

    private static readonly ProbeInfo Probe = new()
    {
        Version = 1,
        MeasuredUtc = new DateTimeOffset(2026, 11, 22, 10, 0, 0, TimeSpan.Zero),
        Seconds = 36.5,
        Cached = false,
        Conditions = ["3 rounds"],
        Figures =
        [
            new ProbeFigure
            {
                Kind = "memory-copy", Group = "memory", Name = "memory copy", BlockBytes = 4096, Unit = ProbeUnit.BytesPerSecond,
                Median = 5.5e9, Passes = [5e9, 5.5e9, 6e9], CpuSecondsPerGigabyte = 0.2,
            },
        ],
    };

    private readonly string _folder = Directory.CreateTempSubdirectory("probe-cache-").FullName;

    private ProbeCache Cache => new(Path.Combine(_folder, "made", "by it"));

    [Fact]
    public void What_was_kept_is_found_whole()
    {
        Assert.Null(Cache.Find(Key));
        Assert.Null(Cache.Keep(Key, Probe));
        ProbeInfo found = Cache.Find(Key)!;
        ProbeFigure figure = Assert.Single(found.Figures);
        Assert.Equal([5e9, 5.5e9, 6e9], figure.Passes);
        Assert.Equal((5.5e9, 0.2, ProbeUnit.BytesPerSecond, 4096), (figure.Median, figure.CpuSecondsPerGigabyte, figure.Unit, figure.BlockBytes));
        Assert.Equal((Probe.MeasuredUtc, 36.5, "3 rounds"), (found.MeasuredUtc, found.Seconds, found.Conditions[0]));
    }

    public static TheoryData<string, string, string, string> Others() => new()
    {
        { "boot-2", "abc", "ext4 rw vda1", "1 plan" },
        { "boot-1", "abd", "ext4 rw vda1", "1 plan" },
        { "boot-1", "abc", "ext4 rw vdb1", "1 plan" },
        { "boot-1", "abc", "ext4 rw vda1", "2 plan" },
    };

    [Theory]
    [MemberData(nameof(Others))]
    public void Another_start_machine_filesystem_or_way_of_measuring_is_not_found(string boot, string fingerprint, string filesystem, string plan)
    {
        Cache.Keep(Key, Probe);
        Assert.Null(Cache.Find(new ProbeKey(boot, fingerprint, filesystem, plan)));
        Assert.NotNull(Cache.Find(Key));
    }

    [Fact]
    public void What_is_measured_after_another_start_takes_the_place_of_the_old()
    {
        Cache.Keep(Key, Probe);
        Cache.Keep(Key with { BootId = "boot-2" }, Probe with { Seconds = 1 });
        Assert.Null(Cache.Find(Key));
        Assert.Equal(1, Cache.Find(Key with { BootId = "boot-2" })!.Seconds);
        Assert.Single(Directory.GetFiles(Path.Combine(_folder, "made", "by it")));
    }

    [Theory]
    [InlineData("")]
    [InlineData("{")]
    [InlineData("null")]
    [InlineData("[1]")]
    [InlineData("{\"key\": null, \"probe\": null}")]
    [InlineData("{\"key\": {\"bootId\": \"boot-1\"}}")]
    public void A_damaged_file_is_as_good_as_none_and_is_replaced(string content)
    {
        Cache.Keep(Key, Probe);
        File.WriteAllText(Cache.PathOf(Key), content);
        Assert.Null(Cache.Find(Key));
        Assert.Null(Cache.Keep(Key, Probe));
        Assert.NotNull(Cache.Find(Key));
    }

    [Fact]
    public void A_cache_that_cannot_be_written_is_a_note()
    {
        string file = Path.Combine(_folder, "file");
        File.WriteAllText(file, "");
        ProbeCache cache = new(Path.Combine(file, "folder"));
        Assert.StartsWith("The figures could not be kept for later: ", cache.Keep(Key, Probe), StringComparison.Ordinal);
        Assert.Null(cache.Find(Key));
    }

    [Theory]
    [InlineData("/var/cache/me", "/var/cache/me/harness")]
    [InlineData("relative", "/of/me/.cache/harness")]
    [InlineData("", "/of/me/.cache/harness")]
    [InlineData(null, "/of/me/.cache/harness")]
    public void Its_folder_is_the_one_of_the_XDG_specification(string? cacheHome, string expected) =>
        Assert.Equal(expected, ProbeCache.DefaultDirectory(cacheHome, "/of/me"));

    public void Dispose() => Directory.Delete(_folder, recursive: true);
}
