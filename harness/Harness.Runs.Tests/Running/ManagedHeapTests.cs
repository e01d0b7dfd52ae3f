using System.Globalization;

namespace Harness.Runs.Tests.Running;

/// <summary>What a broker's page tells of its collections, over a window.</summary>
public sealed class ManagedHeapTests
{
    [Theory]
    [InlineData("the longest is in the highest place that grew", 0.012, 9, 12, 12, 0.01)]
    [InlineData("no pause is longer than all together", 0.007, 9, 12, 12, 0.007)]
    [InlineData("longer ones before the window do not count", 0.0015, 10, 11, 11, 0.001)]
    [InlineData("longer than the last place", 33, 8, 9, 10, 33)]
    [InlineData("none", 0, 8, 9, 9, 0)]
    public void The_longest_pause_is_found_in_the_growth_of_the_histogram(string what, double paused, int upTo1ms, int upTo10ms, int all, double longest)
    {
        ManagedHeap begin = Reading(5, 8, 9, 9);
        ManagedHeap window = Reading(5 + paused, upTo1ms, upTo10ms, all).Since(begin);
        Assert.Equal(paused, window.PauseSeconds!.Value, 1e-9);
        Assert.True(Math.Abs(longest - window.LongestPauseSeconds!.Value) < 1e-9, $"{what}: {window.LongestPauseSeconds}");
    }

    [Fact]
    public void A_page_without_pauses_leaves_them_unknown()
    {
        ManagedHeap heap = ManagedHeap.Of(new Dictionary<string, double> { ["dotnet_gc_allocated_bytes_total"] = 7, ["dotnet_gc_collections_total"] = 2 })!;
        Assert.Equal((7L, 2, null, null), (heap.AllocatedBytes, heap.Collections, heap.PauseSeconds, heap.LongestPauseSeconds));
        Assert.Null(ManagedHeap.Of(new Dictionary<string, double> { ["dotnet_gc_collections_total"] = 2 }));
    }

    private static ManagedHeap Reading(double paused, params int[] counts)
    {
        string[] lengths = ["0.001", "0.01", "+Inf"];
        Dictionary<string, double> page = new()
        {
            ["dotnet_gc_allocated_bytes_total"] = 1,
            ["dotnet_gc_collections_total"] = counts[^1],
            ["dotnet_gc_pause_seconds_sum"] = paused,
        };
        for (int i = 0; i < lengths.Length; i++)
        {
            page[string.Create(CultureInfo.InvariantCulture, $"dotnet_gc_pause_seconds_bucket{{le=\"{lengths[i]}\"}}")] = counts[i];
        }

        return ManagedHeap.Of(page)!;
    }
}
