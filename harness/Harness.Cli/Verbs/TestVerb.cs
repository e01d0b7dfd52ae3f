using System.CommandLine;
using Harness.Cli.Testing;

namespace Harness.Cli.Verbs;

/// <summary><c>test</c>: every built test program of the solution, and one line at the end that says how it went.</summary>
internal static class TestVerb
{
    public static Command Create(Option<bool> json, Services services)
    {
        Option<bool> longToo = new("--long") { Description = "The long tests too (at most an hour)" };
        Command command = new("test", "Run the tests that must never break") { longToo };
        command.SetAction(async (parsed, _) =>
        {
            bool asJson = parsed.GetValue(json);
            using Interrupts interrupts = new(services.Error);
            TextWriter lines = asJson ? services.Error : services.Out;
            TestSummary summary = await new TestRun(services.RepositoryRoot, lines, services.Error).Execute(parsed.GetValue(longToo), interrupts.Token);
            if (asJson)
            {
                services.Out.WriteLine(summary.ToJson());
            }
            else
            {
                services.Out.WriteLine(summary.Line);
            }

            return summary.ExitCode(services.Ci);
        });
        return command;
    }
}
