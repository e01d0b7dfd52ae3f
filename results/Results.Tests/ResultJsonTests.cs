using System.Text.Json.Nodes;
using Results.Samples;

namespace Results;

public sealed class ResultJsonTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("results-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public void A_document_survives_the_way_to_disk_and_back()
    {
        RunResult run = SampleRun.TwoTargets();
        string path = Path.Combine(_folder, "deep", "result.json");

        ResultJson.Write(path, run);
        RunResult back = ResultJson.Read(path);

        Assert.Equal(ResultJson.Serialize(run), ResultJson.Serialize(back));
        Assert.Equal(run.Trials[1].Series[3], back.Trials[1].Series[3]);
        Assert.Equal(run.Trials[3].Latency.EndToEnd, back.Trials[3].Latency.EndToEnd);
        Assert.Equal(run.StartedUtc, back.StartedUtc);
        Assert.Equal("268435456", back.Targets[0].Configuration["log.segment.bytes"]);
    }

    [Fact]
    public void The_schema_version_comes_first_and_names_are_camel_case()
    {
        string json = ResultJson.Serialize(SampleRun.Reproduced());

        Assert.StartsWith("{\n  \"schemaVersion\": 1,\n  \"id\": \"20261122T153000Z-kafka-20m\",\n", json, StringComparison.Ordinal);
        Assert.Contains("\"regime\": \"ringInMemory\"", json, StringComparison.Ordinal);
        Assert.Contains("\"consume.rate >= 20M/s\"", json, StringComparison.Ordinal);
        Assert.Contains("\"title\": null", ResultJson.Serialize(SampleRun.Reproduced() with { Title = null }), StringComparison.Ordinal);
        Assert.EndsWith("}\n", json, StringComparison.Ordinal);
    }

    [Fact]
    public void Answers_are_words_because_their_numbers_depend_on_the_order_of_declaration()
    {
        RunResult run = SampleRun.Reproduced();
        TechniqueCase[] cases = [.. Enum.GetValues<TechniqueAnswer>().Select(answer => new TechniqueCase { Technique = "batching", Where = "30B", Answer = answer })];
        string json = ResultJson.Serialize(run with { Verdicts = [run.Verdicts[0] with { Techniques = cases }] });

        Assert.All((string[])["applies", "costs", "undecided", "noInterval"], word => Assert.Contains($"\"answer\": \"{word}\"", json, StringComparison.Ordinal));
        string path = Path.Combine(_folder, "result.json");
        File.WriteAllText(path, json);
        Assert.Equal(cases, ResultJson.Read(path).Verdicts[0].Techniques);
    }

    [Fact]
    public void A_profile_survives_and_lists_that_older_documents_do_not_have_are_empty()
    {
        RunResult run = SampleRun.Reproduced() with { Profiles = [SampleProfile.Of("engine")] };
        string path = Path.Combine(_folder, "result.json");
        ResultJson.Write(path, run);
        Assert.Contains("\"category\": \"kernelCopying\"", File.ReadAllText(path), StringComparison.Ordinal);
        Assert.Equal(run.Profiles[0].Symbols, ResultJson.Read(path).Profiles[0].Symbols);

        JsonObject old = JsonNode.Parse(ResultJson.Serialize(run))!.AsObject();
        Assert.All((string[])["profiles", "variants", "machineFigures", "batchChecks", "comparisons"], key => Assert.True(old.Remove(key), key));
        File.WriteAllText(path, old.ToJsonString());
        RunResult read = ResultJson.Read(path);
        Assert.Equal((0, 0, 0, 0, 0), (read.Profiles.Count, read.Variants.Count, read.MachineFigures.Count, read.BatchChecks.Count, read.Comparisons.Count));
    }

    [Fact]
    public void What_can_be_computed_is_not_stored()
    {
        JsonNode verification = JsonNode.Parse(ResultJson.Serialize(SampleRun.Reproduced()))!["trials"]![0]!["verification"]!;

        Assert.Null(verification["passed"]);
        Assert.Null(verification["violated"]);
        Assert.Equal(0, (int)verification["lost"]!);
    }

    [Fact]
    public void Writing_leaves_nothing_but_the_file()
    {
        string path = Path.Combine(_folder, "result.json");
        ResultJson.Write(path, SampleRun.WithoutTrials());
        ResultJson.Write(path, SampleRun.Reproduced());

        Assert.Equal([path], Directory.GetFileSystemEntries(_folder));
        Assert.Single(ResultJson.Read(path).Trials);
    }

    [Fact]
    public void A_failed_write_leaves_the_old_file_and_no_other()
    {
        string path = Path.Combine(_folder, "result.json");
        Directory.CreateDirectory(path); // a folder cannot be replaced by a file

        Assert.ThrowsAny<Exception>(() => AtomicFile.WriteText(path, "new"));
        Assert.Equal([path], Directory.GetFileSystemEntries(_folder));
    }

    [Fact]
    public void A_number_that_is_not_finite_is_refused_with_its_key()
    {
        RunResult run = SampleRun.Reproduced();
        run = run with { Trials = [run.Trials[0] with { Broker = run.Trials[0].Broker with { CpuShare = double.NaN } }] };

        ResultFormatException e = Assert.Throws<ResultFormatException>(() => ResultJson.Serialize(run));
        Assert.Contains("$.trials[0].broker.cpuShare is not a finite number", e.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_missing_file_and_a_folder_are_named()
    {
        Assert.Equal($"{_folder}/none.json: no such file", Refused(Path.Combine(_folder, "none.json")));
        Assert.Contains("is a folder", Refused(_folder), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("", "r.json:1: ")]
    [InlineData("hello", "r.json:1: 'h' is an invalid start of a value.")]
    [InlineData("{\"schemaVersion\": 1,\n\"id\": \"x\",\n oops}", "r.json:3: 'o' is an invalid start of a property name.")]
    [InlineData("[1]", "r.json: not a result document: the outermost value is not an object")]
    [InlineData("{}", "r.json: not a result document: missing key \"schemaVersion\"")]
    [InlineData("{\"schemaVersion\": 2}", "r.json: $.schemaVersion: 2 is newer than this program reads (1)")]
    [InlineData("{\"schemaVersion\": 0}", "r.json: $.schemaVersion: 0 is no schema version")]
    [InlineData("{\"schemaVersion\": \"1\"}", "r.json: $.schemaVersion: \"1\" is no schema version")]
    [InlineData("{\"schemaVersion\": 1, \"id\": \"x\"}", "missing \"name\", \"command\"")]
    [InlineData("{\"schemaVersion\": 1, \"schemaVersion\": 1}", "schemaVersion")]
    public void Garbage_is_refused_in_one_line(string text, string expected)
    {
        ResultFormatException e = Assert.Throws<ResultFormatException>(() => ResultJson.Parse(text, "r.json"));

        Assert.StartsWith("r.json", e.Message, StringComparison.Ordinal);
        Assert.Contains(expected, e.Message, StringComparison.Ordinal);
        Assert.DoesNotContain('\n', e.Message);
        Assert.DoesNotContain("Results.", e.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("windowSeconds", null, "$.trials[0]: missing \"windowSeconds\"")]
    [InlineData("windowSeconds", "\"long\"", "$.trials[0].windowSeconds")]
    [InlineData("status", "\"finished\"", "$.trials[0].status")]
    [InlineData("status", "1", "$.trials[0].status")]
    [InlineData("verification", "null", "verification")]
    [InlineData("series", "[null]", "$.trials[0].series[0]: null where a value is needed")]
    public void A_wrong_key_is_named_with_its_place(string key, string? value, string expected)
    {
        JsonObject document = JsonNode.Parse(ResultJson.Serialize(SampleRun.Reproduced()))!.AsObject();
        JsonObject trial = document["trials"]![0]!.AsObject();
        if (value is null) trial.Remove(key);
        else trial[key] = JsonNode.Parse(value);

        ResultFormatException e = Assert.Throws<ResultFormatException>(() => ResultJson.Parse(document.ToJsonString(), "r.json"));

        Assert.Contains(expected, e.Message, StringComparison.Ordinal);
        Assert.DoesNotContain('\n', e.Message);
        Assert.DoesNotContain("Results.", e.Message, StringComparison.Ordinal);
    }

    private static string Refused(string path) => Assert.Throws<ResultFormatException>(() => ResultJson.Read(path)).Message;
}
