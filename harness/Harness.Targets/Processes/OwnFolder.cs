namespace Harness.Targets;

/// <summary>A folder that a target makes for itself under a parent that the caller chose, and removes with everything in it.</summary>
/// <param name="owner">The target's name, for messages.</param>
internal sealed class OwnFolder(string owner, string parent, string prefix)
{
    internal string FullPath { get; } = Path.Combine(Path.GetFullPath(parent), $"{prefix}-{Guid.NewGuid():N}");

    /// <summary>Harmless when it is there already.</summary>
    internal void Make()
    {
        try
        {
            Directory.CreateDirectory(FullPath);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new TargetException($"{owner}: data directory {FullPath} cannot be made: {e.Message}", e);
        }
    }

    /// <summary>Harmless when it was never made.</summary>
    internal void Remove()
    {
        try
        {
            Directory.Delete(FullPath, recursive: true);
        }
        catch (DirectoryNotFoundException)
        {
            // Never made, or somebody was faster: gone is what was wanted.
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new TargetException($"{owner}: data directory {FullPath} cannot be removed: {e.Message}", e);
        }
    }
}
