using System.CommandLine;
using Harness.Measure.Doctor;
using Results;

namespace Harness.Cli.Verbs;

/// <summary><c>doctor</c>: what on this machine will spoil a measurement. Critical findings are a fault of the environment.</summary>
internal static class DoctorVerb
{
    public static Command Create(Option<bool> json, Services services)
    {
        Option<string?> data = new("--data")
        {
            Description = "Folder that will hold the broker's data, in place of results/runs; need not exist yet",
            HelpName = "DIR",
        };
        data.Validators.Add(result =>
        {
            if (result.Tokens is [{ Value.Length: 0 }])
            {
                result.AddError("--data needs the name of a folder");
            }
        });
        Command command = new("doctor", "Say what on this machine will spoil a measurement, and the command that mends it; changes nothing") { data };
        command.SetAction(async (parsed, _) =>
        {
            using Interrupts interrupts = new(services.Error);
            string folder = parsed.GetValue(data) ?? Path.Combine(services.RepositoryRoot, "results", "runs");
            IReadOnlyList<Finding> findings = await services.Examine(folder, interrupts.Token);
            if (parsed.GetValue(json))
            {
                services.Out.Write(DoctorOutput.Json(findings));
            }
            else
            {
                foreach (string line in DoctorOutput.Lines(findings))
                {
                    services.Out.WriteLine(line);
                }
            }

            return findings.Any(finding => finding.Severity == Severity.Critical) ? ExitCodes.Environment : ExitCodes.Passed;
        });
        return command;
    }
}
