namespace Engine.Wire;

/// <summary>Why compressed records could not be unpacked.</summary>
public enum CompressionFault
{
    None,

    /// <summary>Not what the codec writes: damaged, cut off, or with bytes behind its end.</summary>
    Corrupt,

    /// <summary>More than the caller's limit.</summary>
    TooLarge,
}
