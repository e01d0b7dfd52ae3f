namespace Harness.Interop.Contract;

/// <param name="Value">Null is a header without a value, which is not the same as an empty one.</param>
internal sealed record RecordHeader(string Key, byte[]? Value);
