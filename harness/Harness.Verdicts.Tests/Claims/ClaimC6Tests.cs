using Results;

namespace Harness.Verdicts.Tests.Claims;

public sealed class ClaimC6Tests
{
    private const string Copy = "engine+technique.transfer=copy";
    private const string Direct = "engine+technique.cache=direct+technique.transfer=copy";
    private const string Batching = $"{Direct}+technique.log=scattered";
    private const string None = $"{Batching}+technique.batching=record";

    [Theory]
    [InlineData(0.1, 0.1, VerdictKind.Reproduced)]
    [InlineData(0.1, 1.5, VerdictKind.NotReproduced)]
    [InlineData(0.1, 1.0, VerdictKind.Inconclusive)]
    public void All_four_against_none_decide_at_every_point(double none, double noneElsewhere, VerdictKind expected)
    {
        Verdict verdict = Point(Point(new ClaimRun("C6"), "30B", none), "1KiB", noneElsewhere).Only();
        Assert.Equal(expected, verdict.Kind);
        Assert.Contains("at message.size 30B all four carry 10.0 times (95 % interval ", verdict.Sentence, StringComparison.Ordinal);
    }

    [Fact]
    public void Each_step_and_each_one_left_out_has_a_line_and_undecided_ones_are_called_so()
    {
        Verdict verdict = Point(new ClaimRun("C6"), "30B", 0.1).Only();
        Assert.Contains(verdict.Evidence, line => line.StartsWith("message.size 30B: adding batching carries 5.000 times (95 % interval ", StringComparison.Ordinal));
        Assert.Contains(verdict.Evidence, line => line.StartsWith("message.size 30B: adding sendfile carries 1.000 times", StringComparison.Ordinal)
            && line.EndsWith(": undecided", StringComparison.Ordinal));
        Assert.Contains(verdict.Evidence, line => line.StartsWith("message.size 30B: all without page cache and sendfile carry 0.800 times", StringComparison.Ordinal));
    }

    [Fact]
    public void The_table_says_of_each_technique_where_it_applies()
    {
        TechniqueCase[] cases = [.. Point(Point(new ClaimRun("C6"), "30B", 0.1), "1KiB", 0.1).Only().Techniques!];
        Assert.Equal(8, cases.Length);
        Assert.All(["message.size 30B", "message.size 1KiB"], where => Assert.Equal(
            [("batching", TechniqueAnswer.Applies), ("sequential log", TechniqueAnswer.Costs), ("page cache and sendfile", TechniqueAnswer.Applies), ("sendfile", TechniqueAnswer.Undecided)],
            cases.Where(found => found.Where == where).Select(found => (found.Technique, found.Answer))));
        Assert.All(cases, found => Assert.InRange(found.Ratio!.Value, found.Low!.Value, found.High!.Value));
    }

    [Fact]
    public void A_ratio_that_the_generator_held_back_is_said_to_be_a_lower_bound()
    {
        Verdict verdict = Point(new ClaimRun("C6"), "30B", 0.1).Only(run => run.With(0, Make.Limited));
        Assert.EndsWith("the generator limited 1 trial, so ratios above 1 may be larger", verdict.Sentence, StringComparison.Ordinal);
    }

    private static ClaimRun Point(ClaimRun run, string at, double none) => run.Point(
        6,
        Measured.Carrying(None, none, at),
        Measured.Carrying(Batching, 0.5, at),
        Measured.Carrying(Direct, 0.8, at),
        Measured.Carrying(Copy, 1.0, at),
        Measured.Carrying("engine", 1, at),
        Measured.Carrying("engine+technique.batching=record", 0.2, at),
        Measured.Carrying("engine+technique.log=scattered", 1.2, at));
}
