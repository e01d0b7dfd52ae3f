using System.Globalization;

namespace Engine.Linux;

/// <summary>
/// Private memory of huge pages, where the kernel has some to give: it begins at a multiple of their size and asks for them before it is touched. For
/// transfers past the page cache whose rate must not hang on where pages happen to lie: one of small pages is handed to the device as a list of pieces that
/// differs from start to start, and is split where the device takes fewer of them. Not an array of the collector's heap, which cannot be aligned so, and
/// whose pages were touched before. Not the pages that an administrator reserves (MAP_HUGETLB), because usually there are none.
/// <para>Any thread, until it is disposed of.</para>
/// </summary>
public sealed unsafe class HugePageMemory : IDisposable
{
    /// <summary>Of a huge page on x86-64, and on arm64 with base pages of 4 KiB.</summary>
    public const int PageBytes = 2 << 20;

    private const string Regions = "/proc/self/smaps";
    private const int ProtectionReadWrite = 3;
    private const int MapPrivateAnonymous = 0x22;
    private const int AdviseHugePages = 14;

    private readonly int _bytes;
    private byte* _map;
    private byte* _start;

    /// <param name="bytes">Rounded up to whole huge pages.</param>
    /// <exception cref="LinuxException">ENOMEM: there is not so much memory.</exception>
    public HugePageMemory(int bytes)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(bytes);
        _bytes = checked(bytes + PageBytes - 1) & -PageBytes;
        nint map = Native.mmap(null, MappedBytes, ProtectionReadWrite, MapPrivateAnonymous, -1, 0);
        if (map == -1)
        {
            LinuxException.Throw("mmap");
        }

        _map = (byte*)map;
        _start = (byte*)((map + PageBytes - 1) & -PageBytes);

        // Only advice: where huge pages are switched off the memory is of small ones.
        _ = Native.madvise(_start, (nuint)_bytes, AdviseHugePages);
    }

    public Span<byte> Span => _start == null ? throw new ObjectDisposedException(nameof(HugePageMemory)) : new Span<byte>(_start, _bytes);

    internal long Address => (long)_start;

    /// <summary>A page more than is used, of which what lies before the first multiple and behind the last is never touched.</summary>
    private nuint MappedBytes => (nuint)_bytes + PageBytes;

    /// <summary>True when all of it, once touched, lies in huge pages. False also where that cannot be told.</summary>
    public bool IsHuge() => File.Exists(Regions) && HugeBytes(File.ReadLines(Regions), Address) >= _bytes;

    public void Dispose()
    {
        if (_map != null)
        {
            _ = Native.munmap(_map, MappedBytes);
            _map = null;
            _start = null;
        }
    }

    /// <summary>What the region around an address has of huge pages; 0 where there is no such region.</summary>
    /// <param name="regions">Lines as in smaps: <c>7f00-7f80 rw-p 0 00:00 0</c>, then lines such as <c>AnonHugePages:   2048 kB</c>.</param>
    internal static long HugeBytes(IEnumerable<string> regions, long address)
    {
        const string Huge = "AnonHugePages:";
        bool isWithin = false;
        foreach (string line in regions)
        {
            ReadOnlySpan<char> head = line.AsSpan(0, Math.Max(0, line.IndexOf(' ', StringComparison.Ordinal)));
            int dash = head.IndexOf('-');
            if (dash > 0 && Hex(head[..dash], out long from) && Hex(head[(dash + 1)..], out long to))
            {
                isWithin = from <= address && address < to;
            }
            else if (isWithin && line.StartsWith(Huge, StringComparison.Ordinal))
            {
                ReadOnlySpan<char> kibibytes = line.AsSpan(Huge.Length).Trim();
                return 1024 * long.Parse(kibibytes[..kibibytes.IndexOf(' ')], CultureInfo.InvariantCulture);
            }
        }

        return 0;

        static bool Hex(ReadOnlySpan<char> digits, out long value) => long.TryParse(digits, NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out value);
    }
}
