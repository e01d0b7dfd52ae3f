using Engine.Linux;

namespace Engine.Storage;

/// <summary>
/// The file of one segment: turns positions in the segment, which are contiguous, into places of the file. Everything above it (indexes, lookups,
/// recovery) knows positions only. Appended to under the log's lock; read by any thread without one, below what was published behind an append.
/// </summary>
internal abstract class SegmentStore(FileDescriptor file)
{
    internal FileDescriptor File => file;

    /// <summary>True when every read waits for the device: none may be made on a loop.</summary>
    internal virtual bool ReadsWait => false;

    /// <summary>True when what follows in the log follows in the file, so that reading ahead is worth it.</summary>
    internal virtual bool IsInARow => true;

    /// <summary>Makes the file of a new segment.</summary>
    /// <param name="staysInMemory">It is going to be written over there.</param>
    internal static SegmentStore Create(string path, StorageTechniques techniques, int segmentBytes, bool staysInMemory) => Make(
        Files.Open(path, Flags(techniques) | OpenFlags.Create | OpenFlags.Truncate), path, techniques, segmentBytes, isNew: true, staysInMemory, out _);

    /// <summary>Opens the file of a segment that is there.</summary>
    /// <param name="bytes">Up to where positions lead into the file; batches may end before.</param>
    internal static SegmentStore Open(string path, StorageTechniques techniques, int segmentBytes, out int bytes) =>
        Make(Files.Open(path, Flags(techniques)), path, techniques, segmentBytes, isNew: false, staysInMemory: false, out bytes);

    /// <summary>True when the store has a place for the batch. The next append is this batch, or asks again.</summary>
    internal virtual bool HasRoom(int batchBytes) => true;

    /// <summary>Writes a batch behind the last one; after an exception bytes of it may be in the file.</summary>
    internal abstract void Append(ReadOnlySpan<byte> batch, int position);

    /// <summary>Reads until the span is full or the file ends.</summary>
    internal abstract int Read(Span<byte> into, int position);

    /// <summary>Reads as much as fits into one buffer, to be sent from there.</summary>
    /// <param name="start">Where in the buffer it begins.</param>
    internal abstract int ReadPiece(AlignedBuffer buffer, int position, int length, out int start);

    /// <summary>How many of the bytes from a position on lie in one piece of the file, and where.</summary>
    internal abstract int Piece(int position, int length, out long filePosition);

    /// <summary>True when the bytes can be read without waiting for the device.</summary>
    internal abstract bool IsResident(int position, int length);

    /// <summary>Takes away what lies behind a position.</summary>
    internal abstract void CutTo(int bytes);

    /// <summary>Nothing more is appended for now: takes away what stands in the file for the store's own sake.</summary>
    internal virtual void End(int bytes)
    {
    }

    /// <summary>Nobody reads or writes any more: closes the file. If it has no name any more, this is what frees its space.</summary>
    internal virtual void Close() => File.Dispose();

    /// <summary>What the batches take of the file.</summary>
    internal virtual long StoredBytes(int bytes) => bytes;

    private static OpenFlags Flags(StorageTechniques techniques) =>
        OpenFlags.ReadWrite | (techniques.Cache == CacheTechnique.Direct ? OpenFlags.Direct : 0);

    private static SegmentStore Make(
        FileDescriptor file, string path, StorageTechniques techniques, int segmentBytes, bool isNew, bool staysInMemory, out int bytes)
    {
        try
        {
            SegmentStore store;
            bool direct = techniques.Cache == CacheTechnique.Direct;
            bytes = 0;
            if (techniques.Log == LogTechnique.Scattered)
            {
                ScatteredStore scattered = new(file, path, direct, segmentBytes);
                bytes = isNew ? 0 : scattered.Load();
                return scattered;
            }

            store = direct ? new DirectStore(file) : new SequentialStore(file, makesPages: staysInMemory);
            long length = isNew ? 0 : Files.Length(file);
            if (length > int.MaxValue)
            {
                throw new CorruptLogException($"{path}: {length} bytes are more than a segment can hold");
            }

            bytes = (int)length;
            return store;
        }
        catch
        {
            file.Dispose();
            throw;
        }
    }
}
