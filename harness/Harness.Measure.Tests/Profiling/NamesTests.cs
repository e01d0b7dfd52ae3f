using Engine.Linux;
using Results;

namespace Harness.Measure.Tests;

/// <summary>How addresses get their names.</summary>
public sealed class NamesTests : IDisposable
{
    private readonly string _map = Path.Combine(Path.GetTempPath(), $"perf-{int.MaxValue}.map");

    private static readonly string[] Maps =
    [
        "55e000000000-55e000010000 r-xp 00001000 fe:00 123 /usr/bin/my program",
        "7f0000000000-7f0000010000 r-xp 00000000 fe:00 124                     /usr/lib/libc.so.6 (deleted)",
        "7f0000020000-7f0000030000 rwxs 00000000 00:01 125                     /memfd:doublemapper (deleted)",
        "7f0000030000-7f0000040000 rwxp 00000000 00:00 0 ",
        "7ffd00000000-7ffd00002000 r-xp 00000000 00:00 0                       [vdso]",
    ];

    public void Dispose() => File.Delete(_map);

    [Fact]
    public void A_function_of_the_kernel_reaches_to_where_the_next_one_begins()
    {
        KernelSymbols kernel = KernelSymbols.Parse(["ffffffff81000010 T first", "ffffffff81000030 t second\t[ext4]", "ffffffff81000020 D a_variable", "ffffffff81000030 t also_second"])!;
        Assert.Null(kernel.NameOf(0xffffffff8100000f));
        Assert.Equal("first", kernel.NameOf(0xffffffff81000010));
        Assert.Equal("first", kernel.NameOf(0xffffffff8100002f));
        Assert.Equal("second", kernel.NameOf(0xffffffff81000030));
        Assert.Equal("second", kernel.NameOf(ulong.MaxValue));
    }

    [Fact]
    public void A_kernel_that_shows_zeros_has_no_names() =>
        Assert.Null(KernelSymbols.Parse(["0000000000000000 T _stext", "0000000000000000 t first", "", "no such line"]));

    [Fact]
    public void Kernel_names_that_cannot_be_read_are_none() => Assert.Null(KernelSymbols.Read("/nowhere/kallsyms"));

    [Theory]
    [InlineData(0x55e000000000, "my program")]
    [InlineData(0x55e00000ffff, "my program")]
    [InlineData(0x55e000010000, null)]
    [InlineData(0x7f0000000001, "libc.so.6")]
    [InlineData(0x7f0000020001, null)]
    [InlineData(0x7f0000030001, null)]
    [InlineData(0x7ffd00000000, "[vdso]")]
    [InlineData(0x1, null)]
    public void Addresses_are_told_by_the_file_that_they_are_of(long address, string? name) => Assert.Equal(name, MappedFiles.Parse(Maps).NameOf((ulong)address));

    [Theory]
    [InlineData("instance void [Engine.Wire] Engine.Wire.WireBuffer::WriteTags()[OptimizedTier1]", "Engine.Wire.WireBuffer.WriteTags_[j]")]
    [InlineData("uint32 [Engine.Wire] Engine.Wire.Crc32C::Append(uint32,valuetype [System.Runtime]System.ReadOnlySpan`1<uint8>)[QuickJitted]", "Engine.Wire.Crc32C.Append_[j]")]
    [InlineData("instance !0 [System.Private.CoreLib] System.Nullable`1[Engine.Wire.ApiRange]::GetValueOrDefault()[Optimized]", "System.Nullable`1[Engine.Wire.ApiRange].GetValueOrDefault_[j]")]
    [InlineData("valuetype [A]B`1<uint64> [Engine.Wire] Engine.Wire.Crc32C::.cctor()", "Engine.Wire.Crc32C..cctor_[j]")]
    [InlineData("stub ReportStubBlock<MethodCallThunk>", "[stub] ReportStubBlock<MethodCallThunk>_[j]")]
    [InlineData("LazyCompile:~run; x.js", "LazyCompile:~run: x.js_[j]")]
    public void Methods_have_their_type_and_name_and_nothing_that_divides_frames(string line, string frame) => Assert.Equal(frame, CompiledMethods.Frame(line));

    [Fact]
    public void What_was_compiled_last_at_a_place_is_what_is_there_and_a_block_is_what_has_no_better_name()
    {
        CompiledMethods methods = CompiledMethods.Parse(["0x1000 1000 stub ReportStubBlock<All>", "1100 10 old", "0x1100 10 new", "1200 0 empty", "zz 10 bad", "short"]);
        Assert.Equal("new_[j]", methods.FrameOf(0x110f));
        Assert.Equal("[stub] ReportStubBlock<All>_[j]", methods.FrameOf(0x1110));
        Assert.Equal("[stub] ReportStubBlock<All>_[j]", methods.FrameOf(0x1200));
        Assert.Null(methods.FrameOf(0x2000));
        Assert.Null(methods.FrameOf(0xfff));
    }

    [Fact]
    public void Names_of_an_older_process_of_the_same_id_are_not_believed()
    {
        File.WriteAllText(_map, "1000 10 method\n");
        Assert.Equal("method_[j]", CompiledMethods.Read(int.MaxValue, DateTime.UtcNow.AddMinutes(-1))!.FrameOf(0x1005));
        Assert.Null(CompiledMethods.Read(int.MaxValue, DateTime.UtcNow.AddMinutes(1)));
        File.Delete(_map);
        Assert.Null(CompiledMethods.Read(int.MaxValue, DateTime.UnixEpoch));
    }

    [Fact]
    public void A_stack_is_folded_from_the_outermost_frame_to_the_innermost()
    {
        FrameNames names = new(
            KernelSymbols.Parse(["ffffffff81000000 T do_syscall_64", "ffffffff81000100 T rep_movs_alternative"]),
            MappedFiles.Parse(Maps),
            CompiledMethods.Parse(["7f0000020000 100 void [A] B::C()", "7f0000020100 100 void [A] B::D()"]),
            managed: true);
        ulong[] stack = [PerfSamples.KernelContext, 0xffffffff81000101, 0xffffffff81000050, PerfSamples.UserContext, 0x7f0000000010, 0x7f0000000020, 0x7f0000020101, 0x7f0000020102, 0x7f0000020001, 0x7f0000030001];
        Assert.Equal("engine;[unknown];B.C_[j];B.D_[j];B.D_[j];libc.so.6;do_syscall_64_[k];rep_movs_alternative_[k]", names.Fold("engine", stack, own: true));
        Assert.Equal("engine;[process that it started];do_syscall_64_[k];rep_movs_alternative_[k]", names.Fold("engine", stack, own: false));
        Assert.Equal("engine;[unknown]", names.Fold("engine", [PerfSamples.UserContext], own: true));
    }

    [Fact]
    public void Without_names_the_kernel_is_one_frame_and_code_made_at_run_time_another()
    {
        FrameNames names = new(null, MappedFiles.Parse(Maps), null, managed: false);
        ulong[] stack = [PerfSamples.KernelContext, 0xffffffff81000101, 0xffffffff81000050, PerfSamples.UserContext, 0x7f0000000010, 0x7f0000030001];
        Assert.Equal($"java;{CpuFrames.Generated};libc.so.6;{CpuFrames.KernelUnnamed}", names.Fold("java", stack, own: true));
    }

    [Fact]
    public void Stacks_are_counted_and_past_the_bound_only_by_what_ran()
    {
        StackCounts counts = new();
        counts.Add([1, 2, 3]);
        counts.Add([1, 2, 3]);
        counts.Add([1, 2]);
        Assert.Equal([2L, 1L], counts.Stacks.Select(pair => pair.Value));
        for (ulong i = 0; i < StackCounts.StacksMax + 100; i++)
        {
            counts.Add([7, 8, i]);
        }

        counts.Add([1, 2, 3]);
        Assert.Equal(StackCounts.StacksMax + 104, counts.Total);
        Assert.Equal(counts.Total, counts.Stacks.Sum(pair => pair.Value));
        Assert.Equal(StackCounts.StacksMax + 1, counts.Stacks.Count());
        Assert.Contains(counts.Stacks, pair => pair.Key is [7, 8] && pair.Value == 102);
        Assert.Contains(counts.Stacks, pair => pair.Key is [1, 2, 3] && pair.Value == 3);
    }
}
