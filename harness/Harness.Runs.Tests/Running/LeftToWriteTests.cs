using Harness.Measure;

namespace Harness.Runs.Tests;

public sealed class LeftToWriteTests : IDisposable
{
    /// <summary>High enough that other tests do not reach an eighth of it.</summary>
    private const long LimitBytes = 2L << 30;

    /// <summary>Whoever else has the filesystem written may have written ours first.</summary>
    private const int Attempts = 5;

    private readonly DirectoryInfo _folder = Directory.CreateDirectory(Path.Combine(AppContext.BaseDirectory, Path.GetRandomFileName()));

    public void Dispose() => _folder.Delete(recursive: true);

    [Fact]
    public async Task What_was_left_is_on_the_device_before_the_next_trial()
    {
        Watch progress = new();
        MachineSampler machine = new();
        for (int attempt = 0; attempt < Attempts && progress.Phases.Count == 0; attempt++)
        {
            Write();
            Assert.Null(await new LeftToWrite(_folder.FullName, disk: null, LimitBytes, progress).SettleAsync(TestContext.Current.CancellationToken));
            MachineSnapshot after = machine.Sample();
            Assert.True(after.DirtyBytes + after.WritebackBytes <= LimitBytes / 8, $"{after}");
        }

        Assert.NotEmpty(progress.Phases);
    }

    [Fact]
    public async Task What_was_deleted_is_not_written()
    {
        File.Delete(Write());
        Watch progress = new();
        await new LeftToWrite(_folder.FullName, disk: null, LimitBytes, progress).SettleAsync(TestContext.Current.CancellationToken);
        Assert.Empty(progress.Phases);
    }

    /// <summary>Twice as much as may be left.</summary>
    private string Write()
    {
        string path = Path.Combine(_folder.FullName, Path.GetRandomFileName());
        // Not one that is truncated: when that is closed, the filesystem writes it.
        using FileStream file = new(path, FileMode.CreateNew, FileAccess.Write);
        byte[] piece = new byte[1 << 20];
        for (long written = 0; written < LimitBytes / 4; written += piece.Length)
        {
            file.Write(piece);
        }

        return path;
    }

    private sealed class Watch : IRunProgress
    {
        public List<string> Phases { get; } = [];

        public void Phase(string name, TimeSpan expected) => Phases.Add(name);

        public void Second(Results.SecondSample sample)
        {
        }

        public void Line(string text)
        {
        }
    }
}
