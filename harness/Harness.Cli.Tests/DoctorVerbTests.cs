using System.Text.Json;
using Harness.Measure.Doctor;
using Results;

namespace Harness.Cli.Tests;

/// <summary>What <c>doctor</c> prints and how it ends, with findings in place of a machine.</summary>
public sealed class DoctorVerbTests : IDisposable
{
    private static readonly Finding Good = new("kernel.clock", Severity.Fine, "tsc");
    private static readonly Finding Swap = new("memory.swap", Severity.Warning, "1.0 GiB of swap", "pauses", "sudo swapoff -a");
    private static readonly Finding Full = new("storage.space", Severity.Critical, "3 MiB free", "runs refuse to start");
    private readonly StringWriter _out = new();
    private readonly StringWriter _error = new();
    private string? _folder;

    [Fact]
    public async Task Findings_are_aligned_and_warnings_do_not_fail()
    {
        Assert.Equal(0, await Run([Swap, Good], "doctor"));
        Assert.Equal(
            """
            warning  memory.swap   1.0 GiB of swap
                                   pauses
                                   $ sudo swapoff -a
            fine     kernel.clock  tsc
            0 critical, 1 warnings, 0 not known, 0 for information, 1 fine

            """,
            _out.ToString());
        Assert.Equal("/repository/results/runs", _folder);
    }

    [Fact]
    public async Task What_is_critical_is_a_fault_of_the_environment()
    {
        Assert.Equal(ExitCodes.Environment, await Run([Full, Swap, Good], "doctor", "--data", "/d"));
        Assert.Equal("/d", _folder);
    }

    [Fact]
    public async Task Json_is_one_document_alone_on_standard_output()
    {
        Assert.Equal(ExitCodes.Environment, await Run([Full, Swap], "doctor", "--json"));
        JsonElement document = JsonDocument.Parse(_out.ToString()).RootElement;
        Assert.Equal((1, 1), (document.GetProperty("critical").GetInt32(), document.GetProperty("warnings").GetInt32()));
        Assert.Equal("sudo swapoff -a", document.GetProperty("findings")[1].GetProperty("command").GetString());
        Assert.Equal(JsonValueKind.Null, document.GetProperty("findings")[0].GetProperty("command").ValueKind);
        Assert.Equal("critical", document.GetProperty("findings")[0].GetProperty("severity").GetString());
    }

    [Theory]
    [InlineData("--data needs the name of a folder", "doctor", "--data", "")]
    [InlineData("'doctor' takes no argument 'x'", "doctor", "x")]
    [InlineData("unknown verb 'docter' (did you mean 'doctor'?)", "docter")]
    public async Task What_cannot_be_understood_is_one_line(string expected, params string[] args)
    {
        Assert.Equal(ExitCodes.Usage, await Run([], args));
        Assert.Equal(expected, _error.ToString().TrimEnd());
        Assert.Null(_folder);
    }

    public void Dispose()
    {
        _out.Dispose();
        _error.Dispose();
    }

    private Task<int> Run(IReadOnlyList<Finding> findings, params string[] args)
    {
        Services services = new(_out, _error, "/repository", Terminal: false, Ci: false, (_, _, _, _) => throw new InvalidOperationException("nothing is to be run"))
        {
            Examine = (folder, _) =>
            {
                _folder = folder;
                return Task.FromResult(findings);
            },
        };
        return CommandLine.Run(args, services);
    }
}
