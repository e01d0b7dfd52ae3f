namespace Engine.Wire;

/// <summary>
/// One direction of the wire: <see cref="WireReader"/> fills the fields it is shown, <see cref="WireBuffer"/> writes them.
/// A message describes its fields once (<see cref="IWireMessage{TSelf}"/>) and is thereby read and written alike, by broker and by client; thirty
/// hand-written pairs would have to be kept equal by eye.
/// Strings, byte fields and arrays are compact, and structures end in tagged fields, when <see cref="Flexible"/> is set.
/// </summary>
public interface IMessageIo
{
    bool Flexible { get; }

    void Bool(ref bool value);

    void Int8(ref sbyte value);

    void Int16(ref short value);

    void Int32(ref int value);

    void Int64(ref long value);

    void Error(ref ErrorCode value);

    void String(ref string value);

    void NullableString(ref string? value);

    void Uuid(ref Guid value);

    /// <summary>A byte field, never null: what it holds is between the clients.</summary>
    void Bytes(ref byte[] value);

    void Int32Array(ref List<int> values);

    /// <summary>An array of structures, never null.</summary>
    void Array<T>(ref List<T> items, short version)
        where T : class, IWireMessage<T>, new();

    /// <summary>An array of structures that may be null, which has a meaning of its own ("all").</summary>
    void NullableArray<T>(ref List<T>? items, short version)
        where T : class, IWireMessage<T>, new();

    void NullableStringArray(ref List<string>? values);

    void StringArray(ref List<string> values);

    /// <summary>The end of a structure: tagged fields, of which none is in use here; foreign ones are skipped.</summary>
    void Tags();
}

/// <summary>A message, or a structure inside one, that knows its fields in every version.</summary>
public interface IWireMessage<TSelf>
    where TSelf : class, IWireMessage<TSelf>, new()
{
    /// <summary>Shows every field of <paramref name="message"/> in the order of the wire to <paramref name="io"/>.</summary>
    static abstract void Describe<TIo>(ref TIo io, TSelf message, short version)
        where TIo : IMessageIo, allows ref struct;
}

/// <summary>Bytes that are not what the protocol says. The server closes the connection; a client reports the broker.</summary>
public sealed class WireFormatException : Exception
{
    public WireFormatException(string message)
        : base(message)
    {
    }
}
