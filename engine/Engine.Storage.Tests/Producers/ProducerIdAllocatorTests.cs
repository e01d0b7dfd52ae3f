namespace Engine.Storage.Tests;

/// <summary>No producer id is given twice in the life of a data directory.</summary>
public sealed class ProducerIdAllocatorTests
{
    [Fact]
    public void Ids_count_up_and_go_on_behind_the_last_block_after_any_stop()
    {
        using StorageFixture storage = new();
        HashSet<long> given = [];
        foreach (bool clean in new[] { false, true, false, false, true })
        {
            for (int i = 0; i < 1300; i++)
            {
                Assert.True(given.Add(storage.Manager.ProducerIds.Next()));
            }

            storage.Reopen(clean);
        }

        Assert.DoesNotContain(storage.Lines, line => line.Contains(ProducerIdAllocator.FileName, StringComparison.Ordinal));
    }

    [Fact]
    public void Every_thread_gets_ids_of_its_own()
    {
        using StorageFixture storage = new();
        long[][] given = new long[4][];
        Parallel.For(0, given.Length, i => given[i] = [.. Enumerable.Range(0, 3000).Select(_ => storage.Manager.ProducerIds.Next())]);
        Assert.Equal(12_000, given.SelectMany(ids => ids).Distinct().Count());
    }

    [Fact]
    public void Ids_begin_behind_those_found_in_the_logs()
    {
        using StorageFixture storage = new();
        storage.Produce(123_456, 0, 0);
        storage.Stop(clean: true);
        File.Delete(Path.Combine(storage.DataDirectory, ProducerIdAllocator.FileName));
        storage.Start();
        Assert.True(storage.Manager.ProducerIds.Next() > 123_456);
    }

    [Theory]
    [InlineData("")]
    [InlineData("{")]
    [InlineData("{\"version\":2,\"nextProducerId\":5}")]
    [InlineData("{\"version\":1,\"nextProducerId\":-5}")]
    [InlineData("{\"version\":1}")]
    public void A_file_that_cannot_be_understood_is_not_guessed_at(string text)
    {
        using StorageFixture storage = new();
        storage.Stop(clean: true);
        string path = Path.Combine(storage.DataDirectory, ProducerIdAllocator.FileName);
        File.WriteAllText(path, text);
        Assert.Contains(path, Assert.Throws<DataDirectoryException>(storage.Start).Message, StringComparison.Ordinal);
    }
}
