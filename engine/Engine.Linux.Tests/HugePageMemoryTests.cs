namespace Engine.Linux.Tests;

public sealed class HugePageMemoryTests
{
    private static readonly string[] Regions =
    [
        "7f0000000000-7f0000200000 rw-p 00000000 00:00 0 ",
        "Size:               2048 kB",
        "AnonHugePages:         0 kB",
        "VmFlags: rd wr mr mw me ac sd ",
        "7f0000200000-7f0000600000 rw-p 00000000 00:00 0                          [anon: a-b c]",
        "Private_Hugetlb:       0 kB",
        "AnonHugePages:      2048 kB",
        "ffffffffff600000-ffffffffff601000 --xp 00000000 00:00 0                  [vsyscall]",
        "AnonHugePages:         8 kB",
    ];

    [Fact]
    public void It_begins_at_a_huge_page_and_is_whole_ones()
    {
        using HugePageMemory memory = new(HugePageMemory.PageBytes + 1);
        Assert.Equal(2 * HugePageMemory.PageBytes, memory.Span.Length);
        Assert.Equal(0, memory.Address % HugePageMemory.PageBytes);
        memory.Span.Fill(7);
        Assert.Equal(-1, memory.Span.IndexOfAnyExcept((byte)7));
    }

    [Fact]
    public void It_has_no_pages_until_it_is_touched_and_then_huge_ones_only_where_they_are_switched_on()
    {
        const string Switch = "/sys/kernel/mm/transparent_hugepage/enabled";
        bool isOff = !File.Exists(Switch) || File.ReadAllText(Switch).Contains("[never]", StringComparison.Ordinal);
        using HugePageMemory memory = new(1);
        Assert.False(memory.IsHuge());
        memory.Span.Fill(1);
        Assert.False(isOff && memory.IsHuge());
    }

    [Fact]
    public void What_is_disposed_of_is_gone()
    {
        HugePageMemory memory = new(1);
        memory.Dispose();
        memory.Dispose();
        Assert.Throws<ObjectDisposedException>(() => memory.Span.Length);
        Assert.False(memory.IsHuge());
    }

    [Theory]
    [InlineData(0)]
    [InlineData(-1)]
    public void No_memory_is_none(int bytes) => Assert.Throws<ArgumentOutOfRangeException>(() => new HugePageMemory(bytes));

    [Theory]
    [InlineData(0x7f00001fffff, 0)]
    [InlineData(0x7f0000200000, 2048 * 1024)]
    [InlineData(0x7f00005fffff, 2048 * 1024)]
    [InlineData(0x7f0000600000, 0)]
    public void Huge_pages_are_those_of_the_region_around_an_address(long address, long bytes) =>
        Assert.Equal(bytes, HugePageMemory.HugeBytes(Regions, address));
}
