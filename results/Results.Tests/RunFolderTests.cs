namespace Results;

public sealed class RunFolderTests : IDisposable
{
    private static readonly DateTimeOffset Start = new(2026, 11, 22, 16, 30, 5, TimeSpan.FromHours(1));

    private readonly string _root = Path.Combine(Directory.CreateTempSubdirectory("runs-").FullName, "results", "runs");

    public void Dispose() => Directory.Delete(Path.Combine(_root, "..", ".."), recursive: true);

    [Fact]
    public void A_folder_is_named_by_time_and_scenario()
    {
        RunFolder folder = RunFolder.Create(_root, Start, "kafka-20m");

        Assert.Equal("20261122T153005Z-kafka-20m", folder.Id);
        Assert.Equal(Path.Combine(_root, folder.Id, "result.json"), folder.ResultPath);
        Assert.Equal(Path.Combine(_root, folder.Id, "report.html"), folder.ReportPath);
        Assert.Empty(Directory.GetFileSystemEntries(folder.FolderPath));
    }

    [Fact]
    public void Runs_of_the_same_second_get_folders_of_their_own()
    {
        string[] ids = new string[12];
        Parallel.For(0, ids.Length, i => ids[i] = RunFolder.Create(_root, Start, "x").Id);

        Assert.Equal(ids.Length, ids.Distinct().Count());
        Assert.Contains("20261122T153005Z-x", ids);
        Assert.Equal(ids.Order(), Directory.GetFileSystemEntries(_root).Select(Path.GetFileName).Order());
    }

    [Theory]
    [InlineData("../../etc/passwd", "20261122T153005Z-etc-passwd")]
    [InlineData("a b\n<c>", "20261122T153005Z-a-b-c")]
    [InlineData("...", "20261122T153005Z-run")]
    [InlineData("", "20261122T153005Z-run")]
    [InlineData("über", "20261122T153005Z-ber")]
    public void A_name_cannot_lead_out_of_the_folder(string name, string id) => Assert.Equal(id, RunFolder.MakeId(Start, name));

    [Fact]
    public void A_chosen_folder_is_used_as_it_is()
    {
        string chosen = Path.Combine(_root, "mine");
        RunFolder folder = RunFolder.At(chosen, Start, "x");

        Assert.Equal("20261122T153005Z-x", folder.Id);
        Assert.Equal(Path.Combine(chosen, "result.json"), folder.ResultPath);
        Assert.True(Directory.Exists(chosen));
    }
}
