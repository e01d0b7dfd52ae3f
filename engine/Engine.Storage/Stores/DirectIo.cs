using Engine.Linux;

namespace Engine.Storage;

/// <summary>Bytes anywhere in a file that is open past the page cache, through whole blocks in aligned buffers.</summary>
internal static class DirectIo
{
    /// <summary>Reads until the span is full or the file ends.</summary>
    internal static int Read(FileDescriptor file, Span<byte> into, long position)
    {
        AlignedBuffer buffer = AlignedBuffers.Rent();
        try
        {
            int done = 0;
            while (done < into.Length)
            {
                int n = ReadPiece(file, buffer, position + done, into.Length - done, out int start);
                if (n == 0)
                {
                    break;
                }

                buffer.Span.Slice(start, n).CopyTo(into[done..]);
                done += n;
            }

            return done;
        }
        finally
        {
            AlignedBuffers.Return(buffer);
        }
    }

    /// <summary>Reads the blocks that hold the bytes, as many as fit.</summary>
    /// <param name="start">Where in the buffer the bytes begin.</param>
    internal static int ReadPiece(FileDescriptor file, AlignedBuffer buffer, long position, int length, out int start)
    {
        long from = AlignedBuffer.RoundDown(position);
        start = (int)(position - from);
        int wanted = Math.Min(length, AlignedBuffer.DataBytes);
        int blocks = (int)AlignedBuffer.RoundUp(start + (long)wanted);
        int n = Files.ReadBlocksAt(file, buffer.Span[..blocks], from);
        return Math.Clamp(n - start, 0, wanted);
    }

    /// <summary>
    /// Writes a head and what follows it, from the start of a block on; the last block is filled up with zeros.
    /// </summary>
    /// <param name="head">Less than a buffer.</param>
    internal static void Write(FileDescriptor file, ReadOnlySpan<byte> head, ReadOnlySpan<byte> rest, long position)
    {
        AlignedBuffer buffer = AlignedBuffers.Rent();
        try
        {
            Span<byte> room = buffer.Span[..AlignedBuffer.DataBytes];
            head.CopyTo(room);
            int filled = head.Length;
            while (true)
            {
                int n = Math.Min(room.Length - filled, rest.Length);
                rest[..n].CopyTo(room[filled..]);
                rest = rest[n..];
                filled += n;
                int blocks = (int)AlignedBuffer.RoundUp(filled);
                room[filled..blocks].Clear();
                Files.WriteAt(file, room[..blocks], position);
                if (rest.IsEmpty)
                {
                    return;
                }

                position += blocks;
                filled = 0;
            }
        }
        finally
        {
            AlignedBuffers.Return(buffer);
        }
    }
}
