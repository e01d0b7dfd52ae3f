using System.Formats.Tar;
using System.Runtime.InteropServices;

namespace Harness.Targets;

/// <summary>
/// Builds the engine of another revision of this repository, in a folder of its own: the work tree stays as it is, and what was built once is
/// used again. Not a git work tree, which would be registered in the user's repository.
/// </summary>
/// <param name="repositoryRoot">The repository; git has to be on this machine.</param>
/// <param name="cache">Where revisions are built, each in a folder named by its commit.</param>
internal sealed class RevisionBuilder(string repositoryRoot, string cache)
{
    private const string Project = "engine/Engine.Server";
    private const string ExecutableName = "engine";
    private const string FinishedMarker = "built";

    private static readonly TimeSpan GitTimeout = TimeSpan.FromMinutes(1);
    private static readonly TimeSpan BuildTimeout = TimeSpan.FromMinutes(10);
    private static readonly TimeSpan LockInterval = TimeSpan.FromMilliseconds(200);

    /// <summary>The folder of the .NET installation that runs us.</summary>
    internal static string DotnetRoot => Path.GetFullPath(Path.Combine(RuntimeEnvironment.GetRuntimeDirectory(), "..", "..", ".."));

    /// <returns>The path of the engine's executable.</returns>
    /// <exception cref="TargetException">There is no such revision (exit 2), or it cannot be built (exit 5).</exception>
    public async Task<string> BuildAsync(string revision, CancellationToken cancellation)
    {
        string commit = await CommitAsync(revision, cancellation);
        string folder = Path.Combine(cache, commit);
        try
        {
            Directory.CreateDirectory(cache);
            using FileStream ours = await LockAsync(folder + ".lock", cancellation);
            if (!File.Exists(Path.Combine(folder, FinishedMarker)))
            {
                await BuildAsync(commit, folder, cancellation);
            }
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new TargetException($"engine@{revision}: {e.Message}", e);
        }

        return await File.ReadAllTextAsync(Path.Combine(folder, FinishedMarker), cancellation);
    }

    private async Task<string> CommitAsync(string revision, CancellationToken cancellation)
    {
        try
        {
            return await ProgramRun.RunAsync(
                "git", ["-C", repositoryRoot, "rev-parse", "--verify", "--quiet", "--end-of-options", $"{revision}^{{commit}}"], GitTimeout, cancellation);
        }
        catch (TargetException notFound)
        {
            throw new TargetException($"engine@{revision}: there is no such revision in this repository", notFound) { ExitCode = TargetException.UsageExitCode };
        }
    }

    private async Task BuildAsync(string commit, string folder, CancellationToken cancellation)
    {
        string archive = folder + ".tar";
        await ProgramRun.RunAsync("git", ["-C", repositoryRoot, "archive", "--format=tar", "-o", archive, commit], GitTimeout, cancellation);
        if (Directory.Exists(folder))
        {
            // What an interrupted build left.
            Directory.Delete(folder, recursive: true);
        }

        Directory.CreateDirectory(folder);
        await TarFile.ExtractToDirectoryAsync(archive, folder, overwriteFiles: false, cancellation);
        File.Delete(archive);
        try
        {
            await ProgramRun.RunAsync(
                Path.Combine(DotnetRoot, "dotnet"),
                ["build", Path.Combine(folder, Project), "-c", "Release", "-v", "quiet", "--nologo", $"-p:SourceRevisionId={commit}"],
                BuildTimeout,
                cancellation);
        }
        catch (TargetException failed)
        {
            throw new TargetException($"engine@{commit[..12]} cannot be built: {failed.Message}", failed);
        }

        string? executable = Directory.EnumerateFiles(folder, ExecutableName, SearchOption.AllDirectories)
            .FirstOrDefault(file => File.Exists(file + ".runtimeconfig.json"));
        await File.WriteAllTextAsync(
            Path.Combine(folder, FinishedMarker),
            executable ?? throw new TargetException($"engine@{commit[..12]}: its build made no executable '{ExecutableName}'"),
            cancellation);
    }

    /// <summary>Two runs may want the same revision at once.</summary>
    private static async Task<FileStream> LockAsync(string path, CancellationToken cancellation)
    {
        while (true)
        {
            try
            {
                return new FileStream(path, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
            }
            catch (IOException) when (File.Exists(path))
            {
                await Task.Delay(LockInterval, cancellation);
            }
        }
    }
}
