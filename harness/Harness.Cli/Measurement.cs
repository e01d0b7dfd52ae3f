using Harness.Cli.Progress;
using Harness.Runs;
using Harness.Runs.Scenarios;
using Results;

namespace Harness.Cli;

/// <summary>
/// What all measuring verbs do: find and read the scenarios, run one after the other under a progress display, show what
/// came out. Nothing is started unless every scenario can be read.
/// </summary>
internal sealed class Measurement(Services services, bool json)
{
    /// <param name="folder">In place of the folder under results/runs; with several scenarios, each gets one in it.</param>
    /// <returns>The exit code.</returns>
    public async Task<int> Run(IReadOnlyList<string> names, bool quick, string? folder, string command)
    {
        IReadOnlyList<ScenarioInfo> scenarios = Read(names, quick);
        RunOutput output = new(services, json);
        using Interrupts interrupts = new(services.Error);
        foreach (ScenarioInfo scenario in scenarios)
        {
            if (interrupts.Token.IsCancellationRequested)
            {
                break;
            }

            string? chosen = folder is null || scenarios.Count == 1 ? folder : Path.Combine(folder, scenario.Name);
            RunFolder place = output.FolderFor(scenario, chosen);
            RunOptions options = new(place.FolderPath, quick, command);
            RunResult result = await ProgressDisplay.Show(
                services, progress => services.Run(scenario, options, progress, interrupts.Token));
            output.Show(result, place);
        }

        return output.Finish(interrupts.Token.IsCancellationRequested);
    }

    private IReadOnlyList<ScenarioInfo> Read(IReadOnlyList<string> names, bool quick)
    {
        ScenarioCatalog catalog = new(services.RepositoryRoot);
        List<ScenarioInfo> scenarios = [];
        List<string> problems = [];
        foreach (string name in names)
        {
            try
            {
                ScenarioInfo scenario = ScenarioReader.Read(catalog.Find(name));
                scenarios.Add(quick ? QuickForm.Of(scenario) : scenario);
            }
            catch (ScenarioException e)
            {
                problems.Add(e.Message);
            }
        }

        if (scenarios.GroupBy(s => s.Name).FirstOrDefault(group => group.Count() > 1) is { } twice)
        {
            problems.Add($"the scenario '{twice.Key}' is given twice");
        }

        return problems.Count == 0 ? scenarios : throw new ScenarioException(string.Join('\n', problems));
    }
}
