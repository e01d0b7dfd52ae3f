namespace Harness.Targets.Tests;

public sealed class LineRingTests
{
    [Fact]
    public void The_last_lines_are_kept_however_the_characters_come()
    {
        LineRing ring = new(linesMax: 2);
        List<string> seen = [];
        foreach (char c in "one\ntwo\r\n\nthree\nfo")
        {
            ring.Add([c], seen.Add);
        }

        Assert.Equal(["one", "two", "", "three"], seen);
        Assert.Equal(["two", "three"], ring.Snapshot());
        ring.Finish();
        Assert.Equal(["three", "fo"], ring.Snapshot());
    }

    [Fact]
    public void A_line_without_end_is_cut_and_not_collected()
    {
        LineRing ring = new(lineCharsMax: 5);
        for (int i = 0; i < 1000; i++)
        {
            ring.Add("abc");
        }

        ring.Add("\nnext\n");

        Assert.Equal(["abcab", "next"], ring.Snapshot());
    }
}
