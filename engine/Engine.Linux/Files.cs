namespace Engine.Linux;

/// <summary>How a file is opened. The numbers are the kernel's (asm-generic/fcntl.h).</summary>
[Flags]
public enum OpenFlags
{
    ReadOnly = 0,
    WriteOnly = 1,
    ReadWrite = 2,
    Create = 0x40,
    Exclusive = 0x80,
    Truncate = 0x200,

    /// <summary>Past the page cache: addresses, positions and lengths are multiples of <see cref="AlignedBuffer.BlockBytes"/>.</summary>
    Direct = 0x4000,
    Directory = 0x10000,
}

/// <summary>
/// Files by descriptor and position. Every method retries EINTR, completes short transfers, and throws
/// <see cref="LinuxException"/> otherwise: a caller never sees half of what it asked for, except at the end of a file.
/// </summary>
public static unsafe class Files
{
    private const int CloseOnExec = 0x80000;
    private const int LockExclusiveNonBlocking = 2 | 4;
    private const int LockRelease = 8;
    private const int FallocateZeroRangeKeepSize = 0x11;
    private const int AtEmptyPath = 0x1000;
    private const uint StatxLinks = 0x4;
    private const int StatxBytes = 256;
    private const int StatxLinksAt = 16;
    private const int SeekEnd = 2;

    public static FileDescriptor Open(string path, OpenFlags flags, int mode = 0x1A4 /* 0644 */)
    {
        int fd = Native.open(path, (int)flags | CloseOnExec, mode);
        if (fd < 0)
        {
            LinuxException.Throw("open", path);
        }

        return new FileDescriptor(fd);
    }

    /// <summary>Reads until <paramref name="into"/> is full or the file ends; returns the bytes read.</summary>
    public static int ReadAt(FileDescriptor file, Span<byte> into, long position) => ReadAt(file, into, position, unitBytes: 1);

    /// <summary>Writes all of <paramref name="bytes"/> at <paramref name="position"/>. On an exception some of them may be in the file.</summary>
    public static void WriteAt(FileDescriptor file, ReadOnlySpan<byte> bytes, long position)
    {
        int done = 0;
        fixed (byte* start = bytes)
        {
            while (done < bytes.Length)
            {
                nint n = Native.pwrite(file.Number, start + done, (nuint)(bytes.Length - done), position + done);
                if (n >= 0)
                {
                    done += (int)n;
                }
                else if (LinuxException.Last() is Errno error and not Errno.EINTR)
                {
                    throw new LinuxException("pwrite", error);
                }
            }
        }
    }

    /// <summary>Writes two pieces, one behind the other, with one call unless the kernel takes less.</summary>
    public static void WriteAt(FileDescriptor file, ReadOnlySpan<byte> head, ReadOnlySpan<byte> rest, long position)
    {
        int total = head.Length + rest.Length;
        int done = 0;
        fixed (byte* headStart = head, restStart = rest)
        {
            IoVector* from = stackalloc IoVector[2];
            while (done < head.Length)
            {
                from[0] = new IoVector { Start = headStart + done, Length = (nuint)(head.Length - done) };
                from[1] = new IoVector { Start = restStart, Length = (nuint)rest.Length };
                nint n = Native.pwritev(file.Number, from, 2, position + done);
                if (n >= 0)
                {
                    done += (int)n;
                }
                else if (LinuxException.Last() is Errno error and not Errno.EINTR)
                {
                    throw new LinuxException("pwritev", error);
                }
            }
        }

        if (done < total)
        {
            WriteAt(file, rest[(done - head.Length)..], position + done);
        }
    }

    /// <summary>
    /// Reads blocks of a file that is open past the page cache. After a read that ends inside a block, which is the file's last, none follows: it
    /// would begin at a position that the kernel refuses.
    /// </summary>
    public static int ReadBlocksAt(FileDescriptor file, Span<byte> into, long position) =>
        ReadAt(file, into, position, AlignedBuffer.BlockBytes);

    /// <summary>Gives a file its size and its room on the device; where the filesystem cannot reserve room, only the size.</summary>
    public static void Preallocate(FileDescriptor file, long length)
    {
        while (Native.fallocate(file.Number, 0, 0, length) < 0)
        {
            Errno error = LinuxException.Last();
            if (error == Errno.EOPNOTSUPP)
            {
                Truncate(file, length);
                return;
            }

            if (error != Errno.EINTR)
            {
                throw new LinuxException("fallocate", error);
            }
        }
    }

    /// <summary>
    /// Makes all of a file zeros by giving its blocks back to the state of never written ones, without a write. What neighbouring blocks were written
    /// and which were not is one then, so that a file that was written here and there is freed in few pieces. False where the filesystem does not know this.
    /// </summary>
    public static bool TryZero(FileDescriptor file)
    {
        while (Native.fallocate(file.Number, FallocateZeroRangeKeepSize, 0, Math.Max(1, Length(file))) < 0)
        {
            Errno error = LinuxException.Last();
            if (error == Errno.EOPNOTSUPP)
            {
                return false;
            }

            if (error != Errno.EINTR)
            {
                throw new LinuxException("fallocate", error);
            }
        }

        return true;
    }

    /// <summary>False when the file's last name has been removed, so that it goes with its last descriptor.</summary>
    public static unsafe bool HasName(FileDescriptor file)
    {
        byte* into = stackalloc byte[StatxBytes];
        byte path = 0;
        return Native.statx(file.Number, &path, AtEmptyPath, StatxLinks, into) == 0
            ? *(uint*)(into + StatxLinksAt) > 0
            : throw new LinuxException("statx", LinuxException.Last());
    }

    public static long Length(FileDescriptor file)
    {
        long end = Native.lseek(file.Number, 0, SeekEnd);
        if (end < 0)
        {
            LinuxException.Throw("lseek");
        }

        return end;
    }

    public static void Truncate(FileDescriptor file, long length)
    {
        if (Native.ftruncate(file.Number, length) < 0)
        {
            LinuxException.Throw("ftruncate");
        }
    }

    /// <summary>Waits until data and metadata are on the device. A failure is final for the file: the kernel reports it once.</summary>
    public static void Sync(FileDescriptor file)
    {
        if (Native.fsync(file.Number) < 0)
        {
            LinuxException.Throw("fsync");
        }
    }

    /// <summary>Waits until the data, and of the metadata what is needed to read it, are on the device. Fails as <see cref="Sync"/> does.</summary>
    public static void SyncData(FileDescriptor file)
    {
        while (Native.fdatasync(file.Number) < 0)
        {
            if (LinuxException.Last() is Errno error and not Errno.EINTR)
            {
                throw new LinuxException("fdatasync", error);
            }
        }
    }

    /// <summary>Makes the entries of a folder durable: after creating, renaming or removing files that matter.</summary>
    public static void SyncDirectory(string path)
    {
        using FileDescriptor folder = Open(path, OpenFlags.ReadOnly | OpenFlags.Directory);
        Sync(folder);
    }

    /// <summary>Writes all that is dirty of the filesystem on which a folder is, of whomever. Takes as long as the device does.</summary>
    public static void SyncFilesystem(string path)
    {
        using FileDescriptor folder = Open(path, OpenFlags.ReadOnly | OpenFlags.Directory);
        if (Native.syncfs(folder.Number) < 0)
        {
            LinuxException.Throw("syncfs", path);
        }
    }

    /// <summary>Makes a folder and those above it; one that is there already is left as it is.</summary>
    public static void CreateDirectory(string path)
    {
        if (Native.mkdir(path, 0x1ED /* 0755 */) == 0)
        {
            return;
        }

        Errno error = LinuxException.Last();
        if (error == Errno.ENOENT && Path.GetDirectoryName(path) is { Length: > 0 } parent)
        {
            CreateDirectory(parent);
            error = Native.mkdir(path, 0x1ED) == 0 ? Errno.None : LinuxException.Last();
        }

        if (error is not (Errno.None or Errno.EEXIST))
        {
            throw new LinuxException("mkdir", error, path);
        }
    }

    /// <summary>Takes a file's name away; false when there was none. Whoever has it open keeps reading it.</summary>
    public static bool Remove(string path)
    {
        if (Native.unlink(path) == 0)
        {
            return true;
        }

        Errno error = LinuxException.Last();
        return error == Errno.ENOENT ? false : throw new LinuxException("unlink", error, path);
    }

    /// <summary>Renames a file or folder within its filesystem, atomically replacing a file that has the new name.</summary>
    public static void Rename(string from, string to)
    {
        if (Native.rename(from, to) < 0)
        {
            LinuxException.Throw("rename", from);
        }
    }

    /// <summary>
    /// Replaces a small file whole, or makes it: after any failure, of the power too, it is the old one or the new one. Waits for the device.
    /// </summary>
    /// <param name="isSynced">False: nothing is waited for, and only the death of the process finds the old one or the new one.</param>
    public static void Replace(string path, string temporaryPath, ReadOnlySpan<byte> bytes, bool isSynced = true)
    {
        try
        {
            using (FileDescriptor file = Open(temporaryPath, OpenFlags.WriteOnly | OpenFlags.Create | OpenFlags.Truncate))
            {
                WriteAt(file, bytes, 0);
                if (isSynced)
                {
                    Sync(file);
                }
            }

            Rename(temporaryPath, path);
        }
        catch (LinuxException e)
        {
            Native.unlink(temporaryPath);
            throw new LinuxException("write", e.Error, path);
        }

        if (isSynced)
        {
            SyncDirectory(Path.GetDirectoryName(path)!);
        }
    }

    /// <summary>Takes the advisory lock that goes with the open file, without waiting; false when another process holds it.</summary>
    public static bool TryLock(FileDescriptor file)
    {
        if (Native.flock(file.Number, LockExclusiveNonBlocking) == 0)
        {
            return true;
        }

        Errno error = LinuxException.Last();
        return error == Errno.EAGAIN ? false : throw new LinuxException("flock", error);
    }

    /// <summary>
    /// Gives the lock back. Closing the file is not enough at once: a child that this process is just starting holds a copy of the
    /// descriptor, and with it the lock, until it runs its own program.
    /// </summary>
    public static void Unlock(FileDescriptor file)
    {
        if (Native.flock(file.Number, LockRelease) < 0)
        {
            LinuxException.Throw("flock");
        }
    }

    /// <param name="unitBytes">A read that ends inside a unit is the last.</param>
    private static int ReadAt(FileDescriptor file, Span<byte> into, long position, int unitBytes)
    {
        int done = 0;
        fixed (byte* start = into)
        {
            while (done < into.Length && done % unitBytes == 0)
            {
                nint n = Native.pread(file.Number, start + done, (nuint)(into.Length - done), position + done);
                if (n == 0)
                {
                    break;
                }

                if (n > 0)
                {
                    done += (int)n;
                }
                else if (LinuxException.Last() is Errno error and not Errno.EINTR)
                {
                    throw new LinuxException("pread", error);
                }
            }
        }

        return done;
    }
}
