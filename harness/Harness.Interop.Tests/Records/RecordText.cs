using System.Security.Cryptography;
using Harness.Interop.Contract;

namespace Harness.Interop.Tests.Records;

/// <summary>Records as lines that are equal when the records are, and that a person can compare: long bytes are told by length and hash.</summary>
internal static class RecordText
{
    private const int LongestShown = 40;

    /// <param name="withTimestamp">A client that was given none takes the time of day.</param>
    public static string Of(DriverRecord record, bool withTimestamp)
    {
        string headers = string.Join(", ", record.Headers.Select(header => $"{header.Key}: {Bytes(header.Value)}"));
        return $"{record.Partition}/{record.Offset} key {Bytes(record.Key)} value {Bytes(record.Value)} headers [{headers}]"
            + (withTimestamp ? $" at {record.Timestamp}" : "");
    }

    private static string Bytes(byte[]? bytes) => bytes is null ? "null"
        : bytes.Length <= LongestShown ? $"'{System.Text.Encoding.UTF8.GetString(bytes)}' ({Convert.ToHexString(bytes)})"
        : $"{bytes.Length} bytes with SHA-256 {Convert.ToHexString(SHA256.HashData(bytes))}";
}
