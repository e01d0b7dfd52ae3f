using YamlDotNet.Core;
using YamlDotNet.Core.Events;
using YamlDotNet.RepresentationModel;

namespace Harness.Runs.Scenarios;

/// <summary>
/// Turns the text of a scenario into YAML nodes that know their positions, or into the first reason why it is no YAML:
/// behind a syntax error or a doubled key there is no one meaning left to look for further problems in.
/// </summary>
internal static class YamlDocumentSource
{
    public const int FileBytesLimit = 1 << 20;

    /// <summary>The deepest key of the format lies at 4; YamlDotNet recurses over nodes, and a file must not exhaust the stack.</summary>
    private const int DepthLimit = 32;

    public static YamlMappingNode Parse(string yaml, string file)
    {
        try
        {
            CheckEvents(yaml, file);
            YamlStream stream = [];
            stream.Load(new StringReader(yaml));
            return Root(stream, file);
        }
        catch (YamlException e)
        {
            throw Problem(file, e.Start, OneLine(e.Message), e);
        }
    }

    private static YamlMappingNode Root(YamlStream stream, string file)
    {
        if (stream.Documents.Count == 0)
        {
            throw Problem(file, new Mark(0, 1, 1), "the file is empty; a scenario needs at least name, message and load");
        }

        if (stream.Documents.Count > 1)
        {
            throw Problem(file, stream.Documents[1].RootNode.Start, "a second document; a file holds one scenario");
        }

        return stream.Documents[0].RootNode as YamlMappingNode
            ?? throw Problem(file, stream.Documents[0].RootNode.Start, "a scenario is a mapping of keys such as name, message and load");
    }

    /// <summary>
    /// The event parser keeps its own stack, so that it can look at any depth. It also knows where an alias of nothing
    /// stands, which the node model reports at the file's beginning.
    /// </summary>
    private static void CheckEvents(string yaml, string file)
    {
        Parser parser = new(new StringReader(yaml));
        HashSet<AnchorName> anchors = [];
        int depth = 0;
        while (parser.MoveNext())
        {
            ParsingEvent? current = parser.Current;
            depth += current?.NestingIncrease ?? 0;
            if (depth > DepthLimit)
            {
                throw Problem(file, current!.Start, $"nested deeper than {DepthLimit} levels");
            }

            if (current is AnchorAlias alias && !anchors.Contains(alias.Value))
            {
                throw Problem(file, alias.Start, $"'*{alias.Value}' refers to no anchor before it");
            }

            if (current is NodeEvent { Anchor.IsEmpty: false } node)
            {
                anchors.Add(node.Anchor);
            }
        }
    }

    private static ScenarioException Problem(string file, Mark at, string text, Exception? inner = null) =>
        new([new ScenarioProblem(file, at.Line, at.Column, text)], inner);

    /// <summary>YamlDotNet puts the position before its words in some messages, and line ends into others.</summary>
    private static string OneLine(string message)
    {
        string line = message.ReplaceLineEndings(" ");
        int words = line.StartsWith('(') ? line.IndexOf("): ", StringComparison.Ordinal) : -1;
        return words < 0 ? line : line[(words + "): ".Length)..];
    }
}
