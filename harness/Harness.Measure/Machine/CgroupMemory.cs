using System.Globalization;

namespace Harness.Measure;

/// <summary>The memory that control groups leave to this process, in bytes. It counts the page cache that the process fills.</summary>
internal static class CgroupMemory
{
    /// <summary>Null where there is no limit; version 1 writes a number near 2^63 for that.</summary>
    internal static CgroupLimit? Find(PseudoFiles files) => CgroupTree.Least(
        files, "memory", folder => Bytes(files, $"{folder}/memory.max"), folder => Bytes(files, $"{folder}/memory.limit_in_bytes"));

    private static double? Bytes(PseudoFiles files, string path) =>
        long.TryParse(files.ReadText(path), CultureInfo.InvariantCulture, out long bytes) && bytes < 1L << 62 ? bytes : null;
}
