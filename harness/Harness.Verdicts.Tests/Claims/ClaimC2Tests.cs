using Results;

namespace Harness.Verdicts.Tests.Claims;

public sealed class ClaimC2Tests
{
    [Theory]
    [InlineData(1.2, VerdictKind.Reproduced)]
    [InlineData(1.49, VerdictKind.Reproduced)]
    [InlineData(1.6, VerdictKind.NotReproduced)]
    [InlineData(20, VerdictKind.NotReproduced)]
    public void A_batch_of_thirty_costs_about_one_messages_work_or_it_does_not(double batchCost, VerdictKind expected)
    {
        Verdict verdict = Run(batchCost).Only();
        Assert.Equal((expected, "C2", "engine"), (verdict.Kind, verdict.Id, verdict.Target));
        Assert.Contains($"a batch of 30 messages costs the broker {Figures.Ratio(batchCost)} times (95 % interval ", verdict.Sentence, StringComparison.Ordinal);
        Assert.Contains("batches of 1, 30 records were stored and served byte for byte as sent", verdict.Sentence, StringComparison.Ordinal);
        Assert.Contains(verdict.Evidence, line => line.StartsWith("30 to 1: ", StringComparison.Ordinal));
        Assert.Contains(verdict.Evidence, line => line.StartsWith("30 records a batch: broker CPU ", StringComparison.Ordinal));
        Assert.Contains(verdict.Evidence, line => line.StartsWith("not tested here: the batch as one unit on replication; it takes ", StringComparison.Ordinal));
    }

    [Fact]
    public void A_batch_that_came_back_changed_refutes_the_claim_whatever_it_costs()
    {
        ClaimRun run = Run(1);
        run.Checks[1] = run.Checks[1] with { ServedEqual = false, Finding = "30 records: served not as sent" };
        Verdict verdict = run.Only();
        Assert.Equal(VerdictKind.NotReproduced, verdict.Kind);
        Assert.Contains("30 records: served not as sent", verdict.Sentence, StringComparison.Ordinal);
    }

    [Fact]
    public void Without_the_bytes_or_without_an_interval_it_stays_open()
    {
        ClaimRun unseen = Run(1);
        unseen.Checks.Clear();
        Verdict verdict = unseen.Only();
        Assert.Equal(VerdictKind.Inconclusive, verdict.Kind);
        Assert.Contains("whether batches are kept as they were sent was not seen", verdict.Sentence, StringComparison.Ordinal);
        Verdict few = Run(1, blocks: 3).Only();
        Assert.Equal(VerdictKind.Inconclusive, few.Kind);
        Assert.Contains("no interval: 95 % takes at least 6 blocks, here 3 blocks", few.Sentence, StringComparison.Ordinal);
        Verdict quick = Run(1).Only(run => run with { Quick = true });
        Assert.Equal(VerdictKind.Inconclusive, quick.Kind);
        Assert.Contains("quick: no interval", quick.Sentence, StringComparison.Ordinal);
    }

    [Fact]
    public void A_lost_message_makes_it_invalid()
    {
        Verdict verdict = Run(1).Only(run => run.With(3, trial => trial with { Verification = trial.Verification with { Lost = 2 } }));
        Assert.Equal(VerdictKind.Invalid, verdict.Kind);
        Assert.Contains("2 lost of ", verdict.Sentence, StringComparison.Ordinal);
    }

    [Fact]
    public void What_full_validation_adds_is_told_with_its_interval()
    {
        Verdict verdict = Run(1).Point(6, new Measured("engine"), Measured.Costing("engine+record.validation=full", 1.4)).Only();
        Assert.Contains(verdict.Evidence, line => line.StartsWith("record.validation=full, Kafka's way of looking at every record: 1.400 times (95 % interval", StringComparison.Ordinal));
    }

    private static ClaimRun Run(double batchCost, int blocks = 6)
    {
        ClaimRun run = new ClaimRun("C2").Point(
            blocks,
            new Measured("engine") { Scenario = scenario => Records(scenario, 1) },
            Measured.Costing("engine", batchCost) with { Scenario = scenario => Records(scenario, 30) });
        run.Checks.AddRange([Check(1), Check(30)]);
        return run;
    }

    private static ScenarioInfo Records(ScenarioInfo scenario, int records) =>
        scenario with { Producers = scenario.Producers with { BatchRecords = records } };

    private static BatchCheck Check(int records) => new()
    {
        Target = "engine",
        Records = records,
        Compression = "none",
        BatchBytes = 100,
        ServedEqual = true,
        StoredEqual = true,
        Finding = $"{records} records: served byte for byte as sent, stored byte for byte as sent",
    };
}
