namespace Results;

public sealed class CpuFramesTests
{
    [Theory]
    [InlineData("rep_movs_alternative_[k]")]
    [InlineData("_copy_to_iter_[k]")]
    [InlineData("_copy_from_iter_[k]")]
    [InlineData("copy_page_to_iter_[k]")]
    [InlineData("copy_folio_from_iter_atomic_[k]")]
    [InlineData("copy_page_from_iter_atomic_[k]")]
    [InlineData("simple_copy_to_iter_[k]")]
    [InlineData("_copy_from_user_[k]")]
    [InlineData("__arch_copy_to_user_[k]")]
    [InlineData("copy_user_generic_unrolled_[k]")]
    [InlineData("__copy_user_nocache_[k]")]
    [InlineData("copy_mc_enhanced_fast_string_[k]")]
    [InlineData("copy_page_[k]")]
    [InlineData("memcpy_[k]")]
    [InlineData("memcpy_orig_[k]")]
    [InlineData("__pi_memcpy_[k]")]
    [InlineData("__memmove_[k]")]
    [InlineData("_copy_to_iter.isra.0_[k]")]
    public void The_kernel_is_seen_copying_data(string frame) => Assert.Equal(CpuCategory.KernelCopying, CpuFrames.CategoryOf(frame));

    [Theory]
    [InlineData("copy_page_range_[k]")]
    [InlineData("copy_process_[k]")]
    [InlineData("clear_page_erms_[k]")]
    [InlineData("memset_orig_[k]")]
    [InlineData("fault_in_iov_iter_readable_[k]")]
    [InlineData("skb_copy_datagram_iter_[k]")]
    [InlineData("do_syscall_64_[k]")]
    [InlineData("generic_perform_write_[k]")]
    public void The_kernel_is_seen_doing_something_else(string frame) => Assert.Equal(CpuCategory.KernelOther, CpuFrames.CategoryOf(frame));

    [Theory]
    [InlineData(CpuFrames.KernelUnnamed, CpuCategory.KernelUnnamed)]
    [InlineData("Engine.Wire.Crc32C.ThreeLanes_[j]", CpuCategory.Checksum)]
    [InlineData("Engine.Wire.RecordBatch.CrcMatches_[j]", CpuCategory.OwnCode)]
    [InlineData("System.SpanHelpers.Memmove_[j]", CpuCategory.OwnCode)]
    [InlineData("System.Private.CoreLib.dll", CpuCategory.OwnCode)]
    [InlineData("[stub] ReportStubBlock<Unknown>_[j]", CpuCategory.Runtime)]
    [InlineData("libcoreclr.so", CpuCategory.Runtime)]
    [InlineData("libclrjit.so", CpuCategory.Runtime)]
    [InlineData("libclrgc.so", CpuCategory.Runtime)]
    [InlineData("libjvm.so", CpuCategory.UserCode)]
    [InlineData("libc.so.6", CpuCategory.UserCode)]
    [InlineData("[vdso]", CpuCategory.UserCode)]
    [InlineData(CpuFrames.Generated, CpuCategory.UserCode)]
    [InlineData(CpuFrames.Unknown, CpuCategory.Unknown)]
    public void Every_other_frame_is_of_one_kind(string frame, CpuCategory kind) => Assert.Equal(kind, CpuFrames.CategoryOf(frame));

    [Theory]
    [InlineData("do_syscall_64_[k]", "do_syscall_64")]
    [InlineData("A.B_[j]", "A.B")]
    [InlineData("libc.so.6", "libc.so.6")]
    public void People_read_names_without_suffixes(string frame, string plain) => Assert.Equal(plain, CpuFrames.Plain(frame));
}
