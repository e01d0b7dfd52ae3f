using System.Runtime.InteropServices;

namespace Engine.Wire;

/// <summary>
/// Compresses and decompresses the records of a batch, in the form that Kafka's clients write with each codec. Spans in, buffers of the
/// caller's out; what a codec keeps between batches is its library's working memory. Belongs to one thread.
/// (Kafka: clients/…/common/compress.)
/// </summary>
public abstract class RecordCodec : IDisposable
{
    public abstract CompressionType Type { get; }

    /// <exception cref="MissingCodecException">The codec's system library is not installed.</exception>
    public static RecordCodec Create(CompressionType type) => type switch
    {
        CompressionType.Gzip => new GzipCodec(),
        CompressionType.Snappy => new SnappyCodec(),
        CompressionType.Lz4 => new Lz4Codec(),
        CompressionType.Zstd => new ZstdCodec(),
        _ => throw new ArgumentOutOfRangeException(nameof(type), type, "not a codec"),
    };

    /// <summary>The name in configurations: none, gzip, snappy, lz4, zstd.</summary>
    public static string NameOf(CompressionType type) => type switch
    {
        CompressionType.None => "none",
        CompressionType.Gzip => "gzip",
        CompressionType.Snappy => "snappy",
        CompressionType.Lz4 => "lz4",
        CompressionType.Zstd => "zstd",
        _ => $"codec {(int)type}",
    };

    public static bool TryParse(string name, out CompressionType type)
    {
        foreach (CompressionType one in Enum.GetValues<CompressionType>())
        {
            if (NameOf(one) == name)
            {
                type = one;
                return true;
            }
        }

        type = CompressionType.None;
        return false;
    }

    /// <summary>The most that so many bytes may become, incompressible as they may be.</summary>
    public abstract int MaxCompressedBytes(int bytes);

    /// <summary>Compresses records; the bytes written.</summary>
    /// <param name="into">At least <see cref="MaxCompressedBytes"/>.</param>
    public abstract int Compress(ReadOnlySpan<byte> records, Span<byte> into);

    /// <summary>
    /// Appends the decompressed bytes. Whatever the input: what comes before a fault may have been appended, and nothing is ever
    /// allocated but the buffer's own growth.
    /// </summary>
    public abstract CompressionFault Decompress(ReadOnlySpan<byte> compressed, DecompressionBuffer into);

    public void Dispose()
    {
        Dispose(disposing: true);
        GC.SuppressFinalize(this);
    }

    protected virtual void Dispose(bool disposing)
    {
    }

    internal static void RequireLibrary(CompressionType type, string library, string package)
    {
        if (!NativeLibrary.TryLoad(library, typeof(RecordCodec).Assembly, searchPath: null, out _))
        {
            throw new MissingCodecException(type, library, package);
        }
    }
}
