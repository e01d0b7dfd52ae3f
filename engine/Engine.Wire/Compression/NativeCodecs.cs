using System.Runtime.InteropServices;

namespace Engine.Wire;

/// <summary>liblz4's frame functions as they are (lz4frame.h): blittable, no marshalling.</summary>
internal static unsafe partial class NativeLz4
{
    internal const string Library = "liblz4.so.1";
    internal const string Package = "liblz4-1";

    /// <summary>LZ4F_VERSION: the version of the functions below, which a context is made for.</summary>
    internal const uint FrameVersion = 100;

    [LibraryImport(Library)] internal static partial nuint LZ4F_compressFrameBound(nuint sourceBytes, Lz4Preferences* preferences);

    [LibraryImport(Library)]
    internal static partial nuint LZ4F_compressFrame(void* into, nuint intoBytes, void* source, nuint sourceBytes, Lz4Preferences* preferences);

    [LibraryImport(Library)] internal static partial nuint LZ4F_createDecompressionContext(nint* context, uint version);
    [LibraryImport(Library)] internal static partial nuint LZ4F_freeDecompressionContext(nint context);
    [LibraryImport(Library)] internal static partial void LZ4F_resetDecompressionContext(nint context);

    [LibraryImport(Library)]
    internal static partial nuint LZ4F_decompress(nint context, void* into, nuint* intoBytes, void* source, nuint* sourceBytes, void* options);

    [LibraryImport(Library)] internal static partial uint LZ4F_isError(nuint result);
}

/// <summary>LZ4F_preferences_t with its LZ4F_frameInfo_t.</summary>
[StructLayout(LayoutKind.Sequential)]
internal unsafe struct Lz4Preferences
{
    /// <summary>4: blocks of 64 KiB, as Kafka's clients have them.</summary>
    internal int BlockSizeId;

    /// <summary>1: blocks that do not refer to each other, which is all that Kafka's Java client reads.</summary>
    internal int BlockMode;
    internal int ContentChecksum;
    internal int FrameType;
    internal ulong ContentBytes;
    internal uint DictionaryId;
    internal int BlockChecksum;
    internal int CompressionLevel;
    internal uint AutoFlush;
    internal uint FavorDecompressionSpeed;
    internal fixed uint Reserved[3];
}

/// <summary>libzstd's functions as they are (zstd.h): blittable, no marshalling.</summary>
internal static unsafe partial class NativeZstd
{
    internal const string Library = "libzstd.so.1";
    internal const string Package = "libzstd1";

    /// <summary>ZSTD_error_dstSize_tooSmall.</summary>
    internal const uint ErrorNoRoom = 70;

    [LibraryImport(Library)] internal static partial nint ZSTD_createCCtx();
    [LibraryImport(Library)] internal static partial nuint ZSTD_freeCCtx(nint context);
    [LibraryImport(Library)] internal static partial nint ZSTD_createDCtx();
    [LibraryImport(Library)] internal static partial nuint ZSTD_freeDCtx(nint context);
    [LibraryImport(Library)] internal static partial nuint ZSTD_compressBound(nuint sourceBytes);

    [LibraryImport(Library)]
    internal static partial nuint ZSTD_compressCCtx(nint context, void* into, nuint intoBytes, void* source, nuint sourceBytes, int level);

    [LibraryImport(Library)]
    internal static partial nuint ZSTD_decompressDCtx(nint context, void* into, nuint intoBytes, void* source, nuint sourceBytes);

    [LibraryImport(Library)] internal static partial uint ZSTD_isError(nuint result);
    [LibraryImport(Library)] internal static partial uint ZSTD_getErrorCode(nuint result);
}

/// <summary>A library's working memory, freed with its owner or after it.</summary>
internal sealed class CodecContext : SafeHandle
{
    private readonly Action<nint> _free;

    internal CodecContext(nint context, Action<nint> free)
        : base(0, ownsHandle: true)
    {
        _free = free;
        SetHandle(context != 0 ? context : throw new InsufficientMemoryException("a codec found no memory for its context"));
    }

    public override bool IsInvalid => handle == 0;

    /// <summary>For calls by the thread that the codec belongs to, while the codec is alive.</summary>
    internal nint Pointer => handle;

    protected override bool ReleaseHandle()
    {
        _free(handle);
        return true;
    }
}
