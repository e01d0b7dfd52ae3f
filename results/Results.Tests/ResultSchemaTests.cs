using System.Text.Json;
using System.Text.Json.Nodes;
using Results.Samples;

namespace Results;

public sealed class ResultSchemaTests
{
    private const string UpdateVariable = "UPDATE_RESULT_SCHEMA";

    private static readonly string CheckedIn = Path.Combine(Repository.Root, "results", "Results", ResultSchema.FileName);

    [Fact]
    public void The_checked_in_schema_is_the_one_of_the_types()
    {
        string generated = ResultSchema.Generate();
        if (Environment.GetEnvironmentVariable(UpdateVariable) == "1") AtomicFile.WriteText(CheckedIn, generated);

        Assert.True(
            File.Exists(CheckedIn) && File.ReadAllText(CheckedIn) == generated,
            $"{ResultSchema.FileName} is out of date. Regenerate it: {UpdateVariable}=1 dotnet run --project results/Results.Tests -c Release");
    }

    public static TheoryData<string> Samples() => ["reproduced", "invalid", "interrupted", "without trials", "probed", "profiled", "two targets"];

    [Theory]
    [MemberData(nameof(Samples))]
    public void What_is_written_obeys_the_schema(string sample)
    {
        RunResult run = sample switch
        {
            "reproduced" => SampleRun.Reproduced(),
            "invalid" => SampleRun.Invalid(),
            "interrupted" => SampleRun.Interrupted(),
            "without trials" => SampleRun.WithoutTrials(),
            "probed" => SampleRun.Probed(),
            "profiled" => SampleRun.Reproduced() with { Profiles = [SampleProfile.Of("engine"), SampleProfile.None("kafka", "profile: because")] },
            _ => SampleRun.TwoTargets(),
        };
        using JsonDocument schema = JsonDocument.Parse(ResultSchema.Generate());
        using JsonDocument document = JsonDocument.Parse(ResultJson.Serialize(run));

        Assert.Empty(SchemaValidator.Errors(schema.RootElement, document.RootElement));
    }

    [Fact]
    public void The_schema_refuses_what_the_reader_refuses()
    {
        JsonObject document = JsonNode.Parse(ResultJson.Serialize(SampleRun.Reproduced()))!.AsObject();
        document.Remove("machine");
        document["schemaVersion"] = RunResult.CurrentSchemaVersion + 1;
        document["trials"]![0]!["status"] = "finished";
        document["trials"]![0]!["sent"]!["messages"] = 1.5;
        using JsonDocument schema = JsonDocument.Parse(ResultSchema.Generate());
        using JsonDocument broken = JsonDocument.Parse(document.ToJsonString());

        string errors = string.Join('\n', SchemaValidator.Errors(schema.RootElement, broken.RootElement));
        Assert.Contains("machine is missing", errors, StringComparison.Ordinal);
        Assert.Contains("$.schemaVersion", errors, StringComparison.Ordinal);
        Assert.Contains("$.trials[0].status", errors, StringComparison.Ordinal);
        Assert.Contains("$.trials[0].sent.messages", errors, StringComparison.Ordinal);
    }
}
