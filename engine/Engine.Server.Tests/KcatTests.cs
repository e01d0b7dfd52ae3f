using System.Diagnostics;

namespace Engine.Server.Tests;

/// <summary>kcat, a client nobody here wrote, produces and consumes.</summary>
public sealed class KcatTests : IDisposable
{
    private readonly TemporaryDirectory _data = new();

    public void Dispose() => _data.Dispose();

    [Theory]
    [InlineData("none", "batch")]
    [InlineData("gzip", "batch")]
    [InlineData("lz4", "batch")]
    [InlineData("none", "record")]
    public void A_text_of_100_000_lines_comes_back_identical_also_after_kill_9_and_restart(string codec, string batching)
    {
        string kcat = FindOrSkip();
        string text = Path.Combine(_data.Path, "lines.txt");
        File.WriteAllLines(text, Enumerable.Range(0, 100_000).Select(i => $"{i} {new string((char)('a' + (i % 26)), i % 120)} ünïcødé"));
        string data = Path.Combine(_data.Path, "data");
        using (EngineProcess engine = EngineProcess.Start(data, "--set", "log.segment.bytes=1048576", "--set", $"technique.batching={batching}"))
        {
            Run(kcat, "-P", "-b", engine.EndPoint.ToString(), "-t", "lines", "-z", codec, "-l", text);
            Assert.Equal(File.ReadAllText(text), Consume(kcat, engine));
            engine.Kill();
        }

        using EngineProcess again = EngineProcess.Start(data, "--set", "log.segment.bytes=1048576", "--set", $"technique.batching={batching}");
        Assert.Equal(File.ReadAllText(text), Consume(kcat, again));
    }

    [Theory]
    [MemberData(nameof(TechniqueTests.Opposites), MemberType = typeof(TechniqueTests))]
    public void However_it_stores_and_sends_the_text_comes_back(string log, string cache, string transfer)
    {
        string kcat = FindOrSkip();
        string text = Path.Combine(_data.Path, "lines.txt");
        File.WriteAllLines(text, Enumerable.Range(0, 20_000).Select(i => $"{i} {new string((char)('a' + (i % 26)), i % 120)}"));
        string data = Path.Combine(_data.Path, "data");
        string[] settings =
        [
            "--set", "log.segment.bytes=1048576", "--set", $"technique.log={log}", "--set", $"technique.cache={cache}",
            "--set", $"technique.transfer={transfer}",
        ];
        using (EngineProcess engine = EngineProcess.Start(data, settings))
        {
            Assert.True(engine.WaitForLog($"technique.cache={cache} technique.log={log} technique.transfer={transfer}"), engine.Errors);
            Run(kcat, "-P", "-b", engine.EndPoint.ToString(), "-t", "lines", "-l", text);
            Assert.Equal(File.ReadAllText(text), Consume(kcat, engine));
            Assert.Equal(0, engine.Terminate());
        }

        using EngineProcess again = EngineProcess.Start(data, settings);
        Assert.Equal(File.ReadAllText(text), Consume(kcat, again));
    }

    private static string Consume(string kcat, EngineProcess engine) =>
        Run(kcat, "-C", "-q", "-e", "-o", "beginning", "-b", engine.EndPoint.ToString(), "-t", "lines");

    private static string FindOrSkip()
    {
        string? found = (System.Environment.GetEnvironmentVariable("PATH") ?? "").Split(':')
            .Select(folder => Path.Combine(folder, "kcat")).FirstOrDefault(File.Exists);
        Assert.SkipWhen(found is null, "kcat is not installed: sudo apt-get install kcat");
        return found!;
    }

    private static string Run(string command, params string[] arguments)
    {
        using Process process = Process.Start(new ProcessStartInfo(command, arguments)
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        })!;
        Task<string> errors = process.StandardError.ReadToEndAsync();
        string output = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        Assert.True(process.ExitCode == 0, $"kcat exited {process.ExitCode}: {errors.Result}");
        return output;
    }
}
