using System.Text;
using Harness.Interop.Contract;

namespace Harness.Interop.Tests.Records;

/// <summary>One record of every kind that has once been mistaken for another: null and empty, headers in their order, all bytes, and large ones.</summary>
internal static class RecordSet
{
    public const int Partitions = 2;

    private const int LargeBytes = 900_000;
    private const int SmallCount = 100;

    /// <summary>The large ones lie in partitions of their own: some clients send all that they have for a partition as one batch, of at most 1 MiB.</summary>
    public static IReadOnlyList<DriverRecord> All { get; } =
    [
        new() { Key = Text("key"), Value = Text("value") },
        new() { Key = null, Value = Text("no key") },
        new() { Key = Text("no value"), Value = null },
        new() { Key = null, Value = null },
        new() { Key = Text("empty value"), Value = [] },
        new() { Key = [], Value = Text("empty key") },
        new() { Key = [], Value = [] },
        new() { Key = null, Value = [] },
        new() { Key = AllBytes, Value = [.. AllBytes, .. AllBytes] },
        new() { Key = Text("headers"), Value = Text("v"), Headers = [Header("a", "1"), Header("a", "2"), Header("empty", ""), Header("b", "three")] },
        new() { Key = Text("header without value"), Value = Text("v"), Headers = [new("none", null), Header("some", "s")] },
        new() { Key = Text("binary header"), Value = Text("v"), Headers = [new("заголовок", [1, 0x7f, 0x80, 0xff])] },
        new() { Key = Text("header with NUL"), Value = Text("v"), Headers = [new("nul", [0, 1, 0])] },
        new() { Key = Text("long ago"), Value = Text("v"), Timestamp = 1_234_567_890_123 },
        new() { Key = Text("large, compressible"), Value = Text(string.Concat(Enumerable.Range(0, LargeBytes / 9).Select(n => $"{n:00000000}\n"))) },
        .. Enumerable.Range(0, SmallCount).Select(n => new DriverRecord { Partition = 1, Key = Text($"{n}"), Value = Text($"small {n}") }),
        new() { Partition = 1, Key = Text("large, random"), Value = Random(LargeBytes) },
    ];

    private static byte[] AllBytes => [.. Enumerable.Range(0, 256).Select(b => (byte)b)];

    private static byte[] Text(string text) => Encoding.UTF8.GetBytes(text);

    private static RecordHeader Header(string key, string value) => new(key, Text(value));

    private static byte[] Random(int length)
    {
        byte[] bytes = new byte[length];
        new Random(1).NextBytes(bytes);
        return bytes;
    }
}
