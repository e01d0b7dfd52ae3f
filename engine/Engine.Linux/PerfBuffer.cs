using System.Buffers.Binary;

namespace Engine.Linux;

/// <summary>The memory that the kernel writes the records of a perf event into, and out of which they are read in their order. Used by one thread.</summary>
internal sealed unsafe class PerfBuffer : IDisposable
{
    /// <summary>The call that fails with EPERM where more memory may not be locked.</summary>
    internal const string MapCall = "mmap of a perf event";
    private const int ProtectionReadWrite = 3;
    private const int MapShared = 1;
    private const int HeadAt = 1024; // struct perf_event_mmap_page: data_head
    private const int TailAt = 1032; // data_tail
    private static readonly int PageBytes = Environment.SystemPageSize;

    private readonly int _dataBytes;
    private readonly byte[] _record = new byte[ushort.MaxValue];
    private byte* _map;

    /// <param name="pages">A power of two.</param>
    /// <exception cref="LinuxException">EPERM: more memory may not be locked (perf_event_mlock_kb).</exception>
    internal PerfBuffer(FileDescriptor owner, int pages)
    {
        _dataBytes = pages * PageBytes;
        nint map = Native.mmap(null, (nuint)(PageBytes + _dataBytes), ProtectionReadWrite, MapShared, owner.Number, 0);
        if (map == -1)
        {
            LinuxException.Throw(MapCall);
        }

        _map = (byte*)map;
    }

    /// <param name="type">PERF_RECORD_*.</param>
    /// <param name="record">With its header; good until the call returns.</param>
    internal delegate void OnRecord(uint type, ReadOnlySpan<byte> record);

    /// <summary>Hands over what has been recorded since the last call.</summary>
    internal void Drain(OnRecord take)
    {
        if (_map == null)
        {
            return;
        }

        long head = Volatile.Read(ref *(long*)(_map + HeadAt));
        long tail = *(long*)(_map + TailAt);
        while (tail < head)
        {
            ReadOnlySpan<byte> header = Copy(tail, PerfRecords.HeaderBytes);
            uint type = BinaryPrimitives.ReadUInt32LittleEndian(header);
            int size = BinaryPrimitives.ReadUInt16LittleEndian(header[6..]);
            take(type, Copy(tail, size));
            tail += size;
        }

        Volatile.Write(ref *(long*)(_map + TailAt), tail);
    }

    public void Dispose()
    {
        if (_map != null)
        {
            _ = Native.munmap(_map, (nuint)(PageBytes + _dataBytes));
            _map = null;
        }
    }

    /// <summary>Bytes of the ring, which may lie around its end.</summary>
    private ReadOnlySpan<byte> Copy(long position, int length)
    {
        int at = (int)(position & (_dataBytes - 1));
        int first = Math.Min(length, _dataBytes - at);
        new ReadOnlySpan<byte>(_map + PageBytes + at, first).CopyTo(_record);
        new ReadOnlySpan<byte>(_map + PageBytes, length - first).CopyTo(_record.AsSpan(first));
        return _record.AsSpan(0, length);
    }
}

/// <summary>Kinds of records (enum perf_event_type, linux/perf_event.h), all behind a struct perf_event_header.</summary>
internal static class PerfRecords
{
    internal const int HeaderBytes = 8;
    internal const uint Lost = 2;
    internal const uint Sample = 9;
}
