using Harness.Runs.Claims;
using Harness.Runs.Planning;
using Harness.Runs.Scenarios;

namespace Harness.Cli;

/// <summary>Claims from request to exit code: one plan, one run, one report, and with <c>--json</c> the verdicts alone.</summary>
internal sealed class ClaimRun(Services services, bool json)
{
    /// <param name="folder">In place of the folder under results/runs.</param>
    /// <returns>The exit code.</returns>
    public async Task<int> Run(ClaimRequest request, string? folder, string command)
    {
        RunPlan plan = Plan(request);
        (json ? services.Error : services.Out).WriteLine(PlanOutput.Lines(plan).ElementAt(1).Trim());
        return await new Measurement(services, json) { JsonOf = ClaimOutput.Json }.Run([plan], request.Quick, folder, command);
    }

    /// <summary>Shows what would be run.</summary>
    /// <returns>The exit code.</returns>
    public int Show(ClaimRequest request) => new Measurement(services, json).Show([Plan(request)]);

    private RunPlan Plan(ClaimRequest request) => ClaimPlans.Of(request, new ScenarioCatalog(services.RepositoryRoot));
}
