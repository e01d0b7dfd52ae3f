using System.Xml.Linq;
using Reports.Html;
using Results;
using Results.Samples;

namespace Reports.JUnit;

public sealed class JUnitReportTests
{
    public static TheoryData<string> Samples() => [.. SamplePagesTests.SamplesByName.Keys];

    private static XElement Root(RunResult run) => XDocument.Parse(JUnitReport.Write(run)).Root!;

    private static XElement[] Cases(RunResult run) => [.. Root(run).Descendants("testcase")];

    [Theory]
    [MemberData(nameof(Samples))]
    public void The_counts_are_those_of_the_cases(string sample)
    {
        RunResult run = SamplePagesTests.SamplesByName[sample]();
        XElement root = Root(run);
        foreach (XElement element in root.Elements("testsuite").Prepend(root))
        {
            Assert.Equal(element.Descendants("testcase").Count(), (int)element.Attribute("tests")!);
            Assert.Equal(element.Descendants("failure").Count(), (int)element.Attribute("failures")!);
            Assert.Equal(element.Descendants("error").Count(), (int)element.Attribute("errors")!);
            Assert.Equal(element.Descendants("skipped").Count(), (int)element.Attribute("skipped")!);
        }

        Assert.Equal(1 + run.Verdicts.Count + run.Trials.Count, (int)root.Attribute("tests")!);
        Assert.Equal(JUnitReport.Write(run), JUnitReport.Write(run));
    }

    [Theory]
    [InlineData(VerdictKind.Passed, null, null)]
    [InlineData(VerdictKind.Reproduced, null, null)]
    [InlineData(VerdictKind.Failed, "failure", "failed")]
    [InlineData(VerdictKind.NotReproduced, "failure", "failed")]
    [InlineData(VerdictKind.Inconclusive, "failure", "inconclusive")]
    [InlineData(VerdictKind.Invalid, "error", "invalid")]
    [InlineData(VerdictKind.NotTestedHere, "skipped", null)]
    public void A_case_is_red_exactly_where_the_exit_code_is(VerdictKind kind, string? element, string? type)
    {
        RunResult run = SampleRun.Reproduced();
        run = run with { Verdicts = [run.Verdicts[0] with { Kind = kind, Variant = "copy" }] };
        XElement verdict = Cases(run)[1];

        Assert.Equal("copy", (string?)verdict.Attribute("classname"));
        Assert.Equal("C1", (string?)verdict.Attribute("name"));
        XElement? found = verdict.Elements().SingleOrDefault(e => e.Name.LocalName is "failure" or "error" or "skipped");
        Assert.Equal(element, found?.Name.LocalName);
        Assert.Equal(type, (string?)found?.Attribute("type"));
        Assert.Equal(ExitCodes.Of(kind) != 0, found?.Name.LocalName is "failure" or "error");
    }

    [Fact]
    public void Every_trial_s_verification_is_a_case()
    {
        XElement[] cases = Cases(SampleVariants.SevenBlocks());
        Assert.Equal(28, cases.Count(c => ((string)c.Attribute("name")!).EndsWith(": verification", StringComparison.Ordinal)));

        XElement violated = Cases(SampleRun.Invalid()).Single(c => (string?)c.Attribute("name") == "trial 1: verification");
        Assert.Equal("2 lost, 1 duplicated, 1 damaged of 714,824,237 messages", (string?)violated.Element("error")!.Attribute("message"));
        Assert.Contains("damaged: partition 0, offset 12345678, producer 1, sequence 12345677, messages 1: byte 23", violated.Value, StringComparison.Ordinal);
    }

    [Fact]
    public void A_run_that_measured_nothing_is_not_green()
    {
        Assert.Equal("environment", (string?)Assert.Single(Cases(SampleRun.WithoutTrials())).Element("error")!.Attribute("type"));
        Assert.All(Cases(SampleRun.Interrupted()), c => Assert.Equal("interrupted", (string?)c.Element("error")!.Attribute("type")));
    }

    [Fact]
    public void An_unproved_absence_of_loss_is_inconclusive()
    {
        RunResult run = SampleRun.Reproduced();
        run = run with { Trials = [run.Trials[0] with { Verification = run.Trials[0].Verification with { Complete = false } }] };
        Assert.Equal("inconclusive", (string?)Cases(run)[^1].Element("failure")!.Attribute("type"));
    }

    [Fact]
    public void Any_text_makes_well_formed_xml()
    {
        Random random = new(5);
        for (int round = 0; round < 50; round++)
        {
            // Every UTF-16 code unit may occur: control characters, halves of surrogate pairs, non-characters, markup.
            string text = "]]><&\"'" + string.Concat(Enumerable.Range(0, 200).Select(_ => (char)random.Next(round % 2 == 0 ? 0x80 : 0x10000)));
            RunResult run = SampleRun.Invalid();
            run = run with
            {
                Name = text,
                Outcome = new RunOutcome(RunStatus.Failed, 5, text),
                Verdicts = [run.Verdicts[0] with { Id = text, Target = text, Sentence = text, Evidence = [text, text] }],
                Trials = [run.Trials[0] with { Target = text, Variant = text, Cause = text, Verification = run.Trials[0].Verification with { Violations = [new(text, 0, 1, 2, 3, 4, text)] } }],
            };
            Assert.Equal(3, Cases(run).Length);
        }
    }
}
