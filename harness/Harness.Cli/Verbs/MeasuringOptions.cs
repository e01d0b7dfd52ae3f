using System.CommandLine;

namespace Harness.Cli.Verbs;

/// <summary>Options that every verb that measures has.</summary>
internal static class MeasuringOptions
{
    public static Option<string?> Out()
    {
        Option<string?> folder = new("--out")
        {
            Description = "Folder for result and report, in place of results/runs/TIME-NAME",
            HelpName = "DIR",
        };
        folder.Validators.Add(result =>
        {
            if (result.Tokens is [{ Value.Length: 0 }])
            {
                result.AddError("--out needs the name of a folder");
            }
        });
        return folder;
    }
}
