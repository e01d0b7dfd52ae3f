using YamlDotNet.Core;
using YamlDotNet.Core.Events;
using YamlDotNet.RepresentationModel;

namespace Harness.Runs.Scenarios.Nodes;

/// <summary>
/// Turns YAML into nodes that know their positions, or into the first reason why it is no YAML:
/// behind a syntax error or a doubled key there is no one meaning left to look for further problems in.
/// </summary>
internal static class YamlDocumentSource
{
    public const int FileBytesLimit = 1 << 20;

    /// <summary>The deepest key of the format lies at 4; YamlDotNet recurses over nodes, and a file must not exhaust the stack.</summary>
    private const int DepthLimit = 32;

    /// <summary>Aliases can make a small file into a huge scenario.</summary>
    private const int NodesLimit = 100_000;

    public static ScenarioMapping Parse(string yaml, string file)
    {
        try
        {
            CheckEvents(yaml, file);
            YamlStream stream = [];
            stream.Load(new StringReader(yaml));
            int left = NodesLimit;
            return (ScenarioMapping)Convert(Root(stream, file), file, 0, ref left);
        }
        catch (YamlException e)
        {
            throw Problem(file, e.Start, OneLine(e.Message), e);
        }
    }

    /// <summary>One value as an option gives it: YAML's flow form (<c>30B</c>, <c>[leader, all]</c>, <c>{during: 5s}</c>).</summary>
    /// <param name="option">The option as written, for problems.</param>
    public static ScenarioNode ParseValue(string yaml, string option)
    {
        Origin at = new(option, 0, 0);
        try
        {
            CheckEvents(yaml, option);
            YamlStream stream = [];
            stream.Load(new StringReader(yaml));
            int left = NodesLimit;
            return stream.Documents.Count == 0
                ? new ScenarioScalar(at, null)
                : AtOption(Convert(stream.Documents[0].RootNode, option, 0, ref left), at);
        }
        catch (YamlException e)
        {
            throw new ScenarioException([new ScenarioProblem(option, 0, 0, OneLine(e.Message))], e);
        }
    }

    private static ScenarioNode AtOption(ScenarioNode node, Origin at) => node switch
    {
        ScenarioMapping mapping => new ScenarioMapping(at, [.. mapping.Entries.Select(e => new ScenarioEntry(at, e.Key, AtOption(e.Value, at)))]),
        ScenarioList list => new ScenarioList(at, [.. list.Items.Select(item => AtOption(item, at))]),
        _ => node with { At = at },
    };

    private static ScenarioNode Convert(YamlNode node, string file, int depth, ref int left)
    {
        Origin at = new(file, node.Start.Line, node.Start.Column);
        if (depth > DepthLimit || --left < 0)
        {
            throw Problem(file, node.Start, depth > DepthLimit ? $"nested deeper than {DepthLimit} levels" : $"more than {NodesLimit} values");
        }

        switch (node)
        {
            case YamlMappingNode mapping:
                List<ScenarioEntry> entries = [];
                foreach ((YamlNode key, YamlNode value) in mapping.Children)
                {
                    string? name = key is YamlScalarNode { Value: { Length: > 0 } word } ? word : null;
                    entries.Add(new ScenarioEntry(new Origin(file, key.Start.Line, key.Start.Column), name, Convert(value, file, depth + 1, ref left)));
                }

                return new ScenarioMapping(at, entries);
            case YamlSequenceNode sequence:
                List<ScenarioNode> items = [];
                foreach (YamlNode item in sequence.Children)
                {
                    items.Add(Convert(item, file, depth + 1, ref left));
                }

                return new ScenarioList(at, items);
            default:
                YamlScalarNode scalar = (YamlScalarNode)node;
                bool isNull = scalar.Value is null || (scalar.Style == ScalarStyle.Plain && scalar.Value is "" or "~" or "null");
                return new ScenarioScalar(at, isNull ? null : scalar.Value);
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
