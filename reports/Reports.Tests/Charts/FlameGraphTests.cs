using System.Globalization;
using System.Xml.Linq;
using Results.Samples;

namespace Reports.Charts;

public sealed class FlameGraphTests
{
    private static readonly XNamespace Svg = "http://www.w3.org/2000/svg";

    [Fact]
    public void Each_frame_is_as_wide_as_its_share_and_says_so()
    {
        XElement svg = XElement.Parse(FlameGraph.Render("A title", SampleProfile.Folded));
        Assert.Equal(
            [
                "all: 100 samples, 100 %",
                "engine (user code): 100 samples, 100 %",
                "Engine.Server.EventLoop.Run (own code): 100 samples, 100 %",
                "Engine.Wire.Crc32C.ThreeLanes (CRC): 12 samples, 12 %",
                "libc.so.6 (user code): 85 samples, 85 %",
                "do_syscall_64 (kernel other): 85 samples, 85 %",
                "vfs_write (kernel other): 85 samples, 85 %",
                "rep_movs_alternative (kernel copying): 60 samples, 60 %",
            ],
            Frames(svg).Select(frame => frame.Element(Svg + "title")!.Value));
        Assert.Equal([1200, 1200, 1200, 144, 1020, 1020, 1020, 720], Frames(svg).Select(frame => Number(frame, "width")));
        Assert.Equal(["all", "k6", "k4", "k3", "k6", "k1", "k1", "k0"], Frames(svg).Select(frame => frame.Element(Svg + "rect")!.Attribute("class")!.Value));
    }

    [Fact]
    public void Frames_stand_on_what_had_called_them_and_inside_the_picture()
    {
        XElement svg = XElement.Parse(FlameGraph.Render("A title", SampleProfile.Folded));
        XElement[] frames = [.. Frames(svg)];
        for (int row = 1; row < 3; row++)
        {
            Assert.Equal(Number(frames[row - 1], "y") - 17, Number(frames[row], "y"));
        }

        double height = double.Parse(svg.Attribute("height")!.Value, CultureInfo.InvariantCulture);
        Assert.All(frames, frame => Assert.InRange(Number(frame, "y"), 50, height - 17));
        Assert.All(frames, frame => Assert.InRange(Number(frame, "x") + Number(frame, "width"), 12, 1212));
        Assert.Equal(Number(frames[3], "x") + Number(frames[3], "width"), Number(frames[4], "x"));
    }

    [Fact]
    public void The_kinds_of_code_stand_above_with_the_share_in_which_they_ran()
    {
        XElement svg = XElement.Parse(FlameGraph.Render("A title", SampleProfile.Folded));
        Assert.Equal(
            ["kernel copying 60 %", "kernel other 25 %", "CRC 12 %", "own code 3.0 %"],
            svg.Elements(Svg + "text").Where(text => text.Attribute("class")!.Value == "legend").Select(text => text.Value));
    }

    [Fact]
    public void What_nobody_could_see_is_left_out()
    {
        XElement svg = XElement.Parse(FlameGraph.Render("A title", "a;wide 1000000\na;thin;thinner 1\n"));
        Assert.Equal(["all", "a", "wide"], Frames(svg).Select(frame => frame.Element(Svg + "title")!.Value.Split([' ', ':'])[0]));
    }

    [Fact]
    public void Names_from_anywhere_make_no_markup()
    {
        const string Name = "Dictionary<string, \"x\"> & more \u0001";
        XElement svg = XElement.Parse(FlameGraph.Render("<&>", $"a;{Name} 10\n"));
        Assert.Contains(Frames(svg), frame => frame.Element(Svg + "title")!.Value.StartsWith("Dictionary<string, \"x\"> & more (user code): 10", StringComparison.Ordinal));
        Assert.Equal("<&>", svg.Element(Svg + "title")!.Value);
    }

    [Fact]
    public void The_same_stacks_in_any_order_are_the_same_bytes()
    {
        string reversed = string.Join('\n', SampleProfile.Folded.Split('\n').Reverse());
        Assert.Equal(FlameGraph.Render("A title", SampleProfile.Folded), FlameGraph.Render("A title", reversed));
    }

    [Fact]
    public void No_stacks_are_an_empty_picture() => Assert.Empty(Frames(XElement.Parse(FlameGraph.Render("A title", ""))));

    [Theory]
    [InlineData("a;b")]
    [InlineData("a;b x")]
    [InlineData(" 5")]
    [InlineData("a;b -1")]
    public void A_line_that_is_no_stack_is_named(string line) =>
        Assert.Equal($"no folded stack: '{line}'", Assert.Throws<FormatException>(() => FlameGraph.Render("A title", line)).Message);

    private static IEnumerable<XElement> Frames(XElement svg) => svg.Elements(Svg + "g");

    private static double Number(XElement frame, string attribute) => double.Parse(frame.Element(Svg + "rect")!.Attribute(attribute)!.Value, CultureInfo.InvariantCulture);
}
