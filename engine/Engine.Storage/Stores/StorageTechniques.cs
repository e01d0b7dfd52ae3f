namespace Engine.Storage;

/// <summary>How a data directory is written and read, for all of its logs.</summary>
/// <param name="Log">Where batches are placed in the file of a segment.</param>
/// <param name="Cache">Whether the log goes through the page cache.</param>
public sealed record StorageTechniques(LogTechnique Log = LogTechnique.Sequential, CacheTechnique Cache = CacheTechnique.Page);

/// <summary><c>technique.log</c></summary>
public enum LogTechnique
{
    /// <summary>One behind the other.</summary>
    Sequential = 0,

    /// <summary>At slots of a preallocated file, as if by key.</summary>
    Scattered = 1,
}

/// <summary><c>technique.cache</c></summary>
public enum CacheTechnique
{
    Page = 0,

    /// <summary>Past the page cache both ways, by O_DIRECT.</summary>
    Direct = 1,
}
