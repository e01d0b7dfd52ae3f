using System.Diagnostics;
using System.Runtime.Versioning;
using Engine.Wire;

namespace Engine.Server.Tests;

/// <summary>The engine as a process: how it starts, refuses to start, ends, and what survives its death.</summary>
public sealed class ProcessTests : IDisposable
{
    private const int Usage = 2;
    private const int Environment = 5;
    private readonly TemporaryDirectory _data = new();

    public static TheoryData<string[], string> BadOptions => new()
    {
        { ["--set", "log.segment.size=1"], "log.segment.size" },
        { ["--set", "log.segment.bytes=big"], "log.segment.bytes" },
        { ["--set", "log.segment.bytes"], "KEY=VALUE" },
        { ["--listen", "9092"], "--listen" },
        { ["--listen", "example.invalid:9092"], "example.invalid" },
        { ["--listen", "0.0.0.0:0"], "--advertise" },
        { ["--config", "/nowhere/engine.properties"], "/nowhere/engine.properties" },
        { ["--frobnicate"], "--frobnicate" },
    };

    public void Dispose() => _data.Dispose();

    [Theory]
    [MemberData(nameof(BadOptions))]
    public void Bad_options_are_refused_in_one_line_that_names_them(string[] arguments, string named)
    {
        (int exit, string errors) = EngineProcess.Run(["--data", _data.Path, .. arguments]);
        Assert.Equal(Usage, exit);
        Assert.Contains(named, errors, StringComparison.Ordinal);
        Assert.StartsWith("engine: ", errors, StringComparison.Ordinal);
        Assert.DoesNotContain('\n', errors);
    }

    [Fact]
    public void A_properties_file_is_read_and_a_bad_line_named()
    {
        string file = Path.Combine(_data.Path, "engine.properties");
        File.WriteAllText(file, "# comment\nnum.partitions = 3\nlog.segment.bytes=x\n");
        (int exit, string errors) = EngineProcess.Run("--data", _data.Path, "--config", file);
        Assert.Equal(Usage, exit);
        Assert.Contains($"{file}:3", errors, StringComparison.Ordinal);
    }

    [Fact]
    public void A_port_in_use_a_folder_in_use_and_one_that_cannot_be_written_are_refused()
    {
        using EngineProcess first = EngineProcess.Start(_data.Path);
        using TemporaryDirectory other = new();
        (int portExit, string port) = EngineProcess.Run("--data", other.Path, "--listen", first.EndPoint.ToString());
        Assert.Equal(Environment, portExit);
        Assert.Contains(first.EndPoint.ToString(), port, StringComparison.Ordinal);
        (int lockExit, string locked) = EngineProcess.Run("--data", _data.Path, "--listen", "127.0.0.1:0");
        Assert.Equal(Environment, lockExit);
        Assert.Contains(_data.Path, locked, StringComparison.Ordinal);
        string inFile = Path.Combine(_data.Path, "file", "data");
        File.WriteAllText(Path.Combine(_data.Path, "file"), "");
        (int folderExit, string folder) = EngineProcess.Run("--data", inFile, "--listen", "127.0.0.1:0");
        Assert.Equal(Environment, folderExit);
        Assert.Contains(inFile, folder, StringComparison.Ordinal);
        Assert.All([port, locked, folder], line => Assert.DoesNotContain('\n', line));
    }

    [Fact]
    public void SIGTERM_ends_it_cleanly_and_everything_is_there_again()
    {
        byte[] batch = TestClient.Batch(new byte[1000]);
        using (EngineProcess engine = EngineProcess.Start(_data.Path))
        {
            using TestClient client = new(engine.EndPoint);
            client.CreateTopic("kept", 2);
            Assert.Equal(0, client.Produce("kept", batch, partition: 1).BaseOffset);
            Assert.Equal(0, engine.Terminate());
        }

        using EngineProcess again = EngineProcess.Start(_data.Path);
        using TestClient reader = new(again.EndPoint);
        Assert.Equal(batch.Length, reader.Fetch("kept", 0, partition: 1).Records.Length);
        Assert.Equal(1, reader.Produce("kept", batch, partition: 1).BaseOffset);
    }

    [Fact]
    public void Killed_in_the_middle_of_a_load_it_finds_every_acknowledged_batch_again()
    {
        byte[] batch = TestClient.Batch(new byte[50_000]);
        long acknowledged;
        using (EngineProcess engine = EngineProcess.Start(_data.Path, "--set", "log.segment.bytes=1048576"))
        {
            using TestClient client = new(engine.EndPoint);
            client.CreateTopic("t");
            client.Produce("t", batch);
            acknowledged = client.Produce("t", batch).BaseOffset;
            using Timer killer = new(_ => engine.Kill(), null, dueTime: 300, period: Timeout.Infinite);
            try
            {
                while (true)
                {
                    acknowledged = client.Produce("t", batch).BaseOffset;
                }
            }
            catch (IOException)
            {
                // The engine has been killed; what was acknowledged until then has to be there.
            }
        }

        Assert.True(acknowledged > 0);
        using EngineProcess again = EngineProcess.Start(_data.Path);
        using TestClient reader = new(again.EndPoint);
        long offset = 0;
        long end = reader.Fetch("t", 0).HighWatermark;
        Assert.True(end > acknowledged, $"{end} offsets found, {acknowledged} was acknowledged");
        while (offset < end)
        {
            byte[] records = reader.Fetch("t", offset, maxBytes: 1).Records;
            Assert.Equal(BatchFault.None, RecordBatch.Check(records));
            Assert.Equal(offset, RecordBatch.BaseOffset(records));
            Assert.Equal(batch[RecordBatch.CrcAt..], records[RecordBatch.CrcAt..]);
            offset++;
        }
    }

    [Fact]
    public void With_its_parent_gone_it_ends()
    {
        using Process process = Process.Start(new ProcessStartInfo(
            Path.Combine(AppContext.BaseDirectory, "engine"), ["--listen", "127.0.0.1:0", "--data", _data.Path, "--exit-with-parent"])
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
        })!;
        Assert.StartsWith("ready ", process.StandardOutput.ReadLine(), StringComparison.Ordinal);
        process.StandardInput.Close();
        process.WaitForExit();
        Assert.Equal(0, process.ExitCode);
    }

    [Fact]
    public async Task The_steady_state_allocates_nothing_for_a_request()
    {
        const int requests = 20_000;
        using EngineProcess engine = EngineProcess.Start(_data.Path);
        using TestClient client = new(engine.EndPoint);
        client.CreateTopic("t");
        byte[] batch = TestClient.Batch(new byte[100]);
        void Load()
        {
            for (int i = 0; i < requests / 2; i++)
            {
                long offset = client.Produce("t", batch).BaseOffset;
                client.Fetch("t", offset);
            }
        }

        // The first round grows buffers, and the page has its own costs: three readings tell them apart.
        Load();
        await engine.ReadMetric("dotnet_gc_allocated_bytes_total");
        double first = await engine.ReadMetric("dotnet_gc_allocated_bytes_total");
        double page = await engine.ReadMetric("dotnet_gc_allocated_bytes_total") - first;
        double before = await engine.ReadMetric("dotnet_gc_allocated_bytes_total");
        Load();
        double allocated = await engine.ReadMetric("dotnet_gc_allocated_bytes_total") - before - page;

        // Index entries of the log are 8 bytes for each 4 KiB appended, kept in arrays that double.
        Assert.True(allocated < requests, $"{allocated} bytes for {requests} requests");
    }

    [Fact]
    [SupportedOSPlatform("linux")]
    public void Files_that_may_not_be_read_refuse_the_start_and_are_named()
    {
        using (EngineProcess engine = EngineProcess.Start(_data.Path))
        {
            using TestClient client = new(engine.EndPoint!);
            client.CreateTopic("t");
            client.Produce("t", TestClient.Batch([1]));
            Assert.Equal(0, engine.Terminate());
        }

        // Root may read everything, unless it has given that up.
        string[] command = System.Environment.IsPrivilegedProcess
            ? ["setpriv", "--bounding-set", "-dac_override,-dac_read_search", "--inh-caps", "-dac_override,-dac_read_search"]
            : [];
        string file = Path.Combine(_data.Path, "t-0", "00000000000000000000.log");
        File.SetUnixFileMode(file, UnixFileMode.None);
        (int exit, string errors) = EngineProcess.RunUnder(command, "--data", _data.Path, "--listen", "127.0.0.1:0");
        Assert.Equal(5, exit);
        Assert.Contains(file, errors, StringComparison.Ordinal);
        Assert.Contains("Permission denied", errors, StringComparison.Ordinal);

        File.SetUnixFileMode(file, UnixFileMode.UserRead | UnixFileMode.UserWrite);
        using EngineProcess again = EngineProcess.Start(_data.Path);
        using TestClient reader = new(again.EndPoint!);
        Assert.NotEmpty(reader.Fetch("t", 0).Records);
    }

    [Fact]
    public void A_full_disk_is_an_error_to_the_producer_and_nothing_acknowledged_is_lost()
    {
        using SmallFilesystem disk = SmallFilesystem.MountOrSkip(16);
        byte[] batch = TestClient.Batch(new byte[900_000]);
        long acknowledged = 0;
        using (EngineProcess engine = EngineProcess.Start(disk.Path))
        {
            using TestClient client = new(engine.EndPoint);
            client.CreateTopic("t");
            ProduceResult result;
            while ((result = client.Produce("t", batch)).Error == ErrorCode.None)
            {
                acknowledged++;
            }

            Assert.Equal(ErrorCode.KafkaStorageError, result.Error);
            Assert.True(acknowledged > 10);
            Assert.Equal(acknowledged, client.Fetch("t", 0, maxBytes: 1).HighWatermark);
            Assert.True(engine.WaitForLog("No space left"), engine.Errors);
            Assert.Equal(batch.Length, client.Fetch("t", acknowledged - 1).Records.Length);
            engine.Kill();
        }

        using EngineProcess again = EngineProcess.Start(disk.Path);
        using TestClient reader = new(again.EndPoint);
        Assert.Equal(acknowledged, reader.Fetch("t", 0, maxBytes: 1).HighWatermark);
    }
}
