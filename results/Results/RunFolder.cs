using System.Globalization;
using System.Text;

namespace Results;

/// <summary>
/// The folder of one run: <c>TIME-NAME/{result.json, report.html}</c>. Two runs that start in the same second, also of
/// two processes, get folders of their own.
/// </summary>
public sealed class RunFolder
{
    private const int NameLengthLimit = 80;

    private RunFolder(string path)
    {
        FolderPath = path;
        Id = Path.GetFileName(Path.TrimEndingDirectorySeparator(path));
    }

    /// <summary>The folder's name; what <see cref="RunResult.Id"/> should say.</summary>
    public string Id { get; private init; }

    public string FolderPath { get; }
    public string ResultPath => Path.Combine(FolderPath, "result.json");
    public string ReportPath => Path.Combine(FolderPath, "report.html");

    /// <summary>The report for a comment in a code review.</summary>
    public string MarkdownPath => Path.Combine(FolderPath, "report.md");

    /// <summary>The picture of a file of folded stacks (<see cref="CpuProfile.FoldedFile"/>), beside it.</summary>
    public static string FlameGraphOf(string foldedFile) => Path.ChangeExtension(foldedFile, ".svg");

    /// <summary>Makes a new folder under <paramref name="root"/> (<c>results/runs</c>), which is made too if needed.</summary>
    /// <exception cref="IOException">The folder cannot be made; also <see cref="UnauthorizedAccessException"/>.</exception>
    public static RunFolder Create(string root, DateTimeOffset startedUtc, string name)
    {
        Directory.CreateDirectory(root);
        string id = MakeId(startedUtc, name);
        for (int attempt = 1; ; attempt++)
        {
            string path = Path.Combine(root, attempt == 1 ? id : $"{id}-{attempt}");
            if (TryClaim(path)) return new RunFolder(path);
        }
    }

    /// <summary>A folder that the user chose (<c>--out</c>), made if needed; what lies in it is replaced when written.</summary>
    public static RunFolder At(string path, DateTimeOffset startedUtc, string name)
    {
        Directory.CreateDirectory(path);
        return new RunFolder(path) { Id = MakeId(startedUtc, name) };
    }

    /// <summary><c>20261122T153000Z-kafka-20m</c>: sorts by time, and is a file name everywhere.</summary>
    public static string MakeId(DateTimeOffset startedUtc, string name)
    {
        string time = startedUtc.UtcDateTime.ToString("yyyyMMdd'T'HHmmss'Z'", CultureInfo.InvariantCulture);
        return $"{time}-{FileName(name)}";
    }

    /// <summary>What is left of a name in a file system anywhere: two names may become one.</summary>
    public static string FileName(string name)
    {
        ArgumentNullException.ThrowIfNull(name);
        StringBuilder safe = new();
        foreach (char c in name)
        {
            bool kept = char.IsAsciiLetterOrDigit(c) || c is '_' or '.';
            if (kept) safe.Append(c);
            else if (safe.Length > 0 && safe[^1] != '-') safe.Append('-');
            if (safe.Length == NameLengthLimit) break;
        }

        string trimmed = safe.ToString().Trim('-', '.');
        return trimmed.Length == 0 ? "run" : trimmed;
    }

    /// <summary>
    /// Makes the folder if nobody else does. There is no portable call that fails when a folder exists already, so the name
    /// is held by an exclusively created file for as long as it takes to look and to make.
    /// </summary>
    private static bool TryClaim(string path)
    {
        string claim = path + ".claim";
        try
        {
            using FileStream held = new(claim, FileMode.CreateNew, FileAccess.Write, FileShare.None, 1, FileOptions.DeleteOnClose);
            if (Directory.Exists(path) || File.Exists(path)) return false;
            Directory.CreateDirectory(path);
            return true;
        }
        catch (IOException) when (File.Exists(claim) || Directory.Exists(path))
        {
            return false;
        }
    }
}
