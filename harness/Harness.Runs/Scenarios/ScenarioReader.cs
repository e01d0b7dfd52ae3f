using Harness.Runs.Scenarios.Keys;
using Harness.Verdicts.Expressions;
using Results;
using YamlDotNet.Core;
using YamlDotNet.RepresentationModel;

namespace Harness.Runs.Scenarios;

/// <summary>
/// Reads a scenario file into the typed, fully defaulted scenario. Walks the YAML by the key table rather than binding it
/// to objects, because a binder loses the positions that every error has to name, and stops at the first.
/// One reader reads one file.
/// </summary>
public sealed class ScenarioReader
{
    private readonly string _file;
    private readonly ScenarioDraft _draft = new();
    private readonly List<ScenarioProblem> _problems = [];

    /// <summary>Where each key that was given stands, by its path; sections too.</summary>
    private readonly Dictionary<string, Mark> _positions = [];

    /// <summary>Keys whose value could not be read: what depends on them is not judged.</summary>
    private readonly HashSet<string> _unreadable = [];

    private ScenarioReader(string file) => _file = file;

    /// <exception cref="ScenarioException">The file cannot be read, or is no scenario that this version can run.</exception>
    public static ScenarioInfo Read(ScenarioFile file)
    {
        ArgumentNullException.ThrowIfNull(file);
        return Parse(Text(file), file.Shown, file.InRepository);
    }

    /// <param name="file">Named in problems.</param>
    /// <param name="inRepository">What the resolved scenario calls its file; null where it lies outside the repository.</param>
    /// <inheritdoc cref="Read"/>
    public static ScenarioInfo Parse(string yaml, string file, string? inRepository = null)
    {
        YamlMappingNode root = YamlDocumentSource.Parse(yaml, file);
        return new ScenarioReader(file).Resolve(root).ToScenario(inRepository);
    }

    private static string Text(ScenarioFile file)
    {
        try
        {
            return new FileInfo(file.Path).Length <= YamlDocumentSource.FileBytesLimit
                ? File.ReadAllText(file.Path)
                : throw new IOException($"larger than {YamlDocumentSource.FileBytesLimit} bytes");
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new ScenarioException([new ScenarioProblem(file.Shown, 0, 0, $"cannot be read: {e.Message}")], e);
        }
    }

    private ScenarioDraft Resolve(YamlMappingNode root)
    {
        _positions[""] = root.Start;
        Section("", root);
        Complete();
        foreach (Combination combination in Combination.All)
        {
            Judge(combination);
        }

        return _problems.Count == 0
            ? _draft
            : throw new ScenarioException([.. _problems.OrderBy(problem => (problem.Line, problem.Column))]);
    }

    private void Section(string path, YamlMappingNode section)
    {
        foreach ((YamlNode key, YamlNode value) in section.Children)
        {
            if (key is not YamlScalarNode { Value: { Length: > 0 } name })
            {
                Report(key.Start, $"a key{(path.Length == 0 ? "" : $" of '{path}'")} must be a word");
                continue;
            }

            string childPath = path.Length == 0 ? name : $"{path}.{name}";
            _positions[childPath] = key.Start;
            if (ScenarioKeys.ByPath.TryGetValue(childPath, out ScenarioKey? known))
            {
                Value(known, value);
            }
            else if (childPath == ScenarioKeys.Load)
            {
                Load(value);
            }
            else if (ScenarioKeys.Sections.Contains(childPath))
            {
                Subsection(childPath, value);
            }
            else
            {
                Refuse(path, name, childPath, key.Start);
            }
        }
    }

    private void Subsection(string path, YamlNode value)
    {
        if (value is YamlMappingNode mapping)
        {
            Section(path, mapping);
        }
        else
        {
            Unreadable(path);
            Report(value.Start, $"{path}: {Shape(value)} where a mapping is needed; allowed keys: {string.Join(", ", ScenarioKeys.NamesIn(path))}");
        }
    }

    private void Refuse(string section, string name, string path, Mark at)
    {
        if (ScenarioKeys.Planned.Contains(path))
        {
            Report(at, $"{path}: not supported in this version");
            return;
        }

        string where = section.Length == 0 ? "" : $" in '{section}'";
        string[] known = [.. ScenarioKeys.NamesIn(section)];
        string hint = NearestName.Hint(name, known);
        Report(at, $"unknown key '{Excerpt.Of(name)}'{where}{(hint.Length > 0 ? hint : $"; allowed: {string.Join(", ", known)}")}");
    }

    private void Load(YamlNode value)
    {
        const string path = ScenarioKeys.Load;
        string needed = $"a list of shapes is needed, such as {{saturate: {{during: 30s}}}}";
        if (value is not YamlSequenceNode phases)
        {
            Unreadable(path);
            Report(value.Start, $"{path}: {Shape(value)} where {needed}");
            return;
        }

        if (phases.Children.Count != 1)
        {
            Unreadable(path);
            YamlNode at = phases.Children.Count == 0 ? phases : phases.Children[1];
            Report(at.Start, phases.Children.Count == 0
                ? $"{path}: empty where {needed}"
                : $"{path}: more than one shape is not supported in this version");
        }

        foreach (YamlNode phase in phases.Children.Take(1))
        {
            if (phase is YamlMappingNode { Children.Count: 1 } shape)
            {
                int before = _problems.Count;
                Section(path, shape);
                if (_problems.Count > before)
                {
                    Unreadable(path);
                }
            }
            else
            {
                Unreadable(path);
                Report(phase.Start, $"{path}: {Shape(phase)} where one shape is needed; allowed: {string.Join(", ", ScenarioKeys.NamesIn(path))}");
            }
        }
    }

    private void Value(ScenarioKey key, YamlNode value)
    {
        if (!key.IsList)
        {
            Scalar(key, value);
        }
        else if (value is not YamlSequenceNode list)
        {
            Unreadable(key.Path);
            Report(value.Start, key.Path is "expect" && value is YamlMappingNode
                ? "expect: expectations of a single target are not supported in this version"
                : $"{key.Path}: {Shape(value)} where a list is needed, of: {key.Allowed}");
        }
        else if (list.Children.Count == 0 && key.Presence != Presence.Optional)
        {
            Unreadable(key.Path);
            Report(list.Start, $"{key.Path}: an empty list; at least one is needed of: {key.Allowed}");
        }
        else
        {
            foreach (YamlNode item in list.Children)
            {
                Scalar(key, item);
            }
        }
    }

    private void Scalar(ScenarioKey key, YamlNode value)
    {
        string? problem = value switch
        {
            YamlScalarNode scalar when IsNull(scalar) => "has no value",
            YamlScalarNode scalar => key.Apply(_draft, scalar.Value!),
            YamlMappingNode when key.Path == "targets" => "a target with a configuration of its own is not supported in this version",
            _ => $"{Shape(value)} where a single value is needed",
        };
        if (problem is not null)
        {
            Unreadable(key.Path);
            Report(value.Start, $"{key.Path}: {problem}; allowed: {key.Allowed}");
        }
    }

    /// <summary>What the file does not give: the table's default, or a problem.</summary>
    private void Complete()
    {
        foreach (ScenarioKey key in ScenarioKeys.All.Where(key => !_positions.ContainsKey(key.Path)))
        {
            if (key.Presence == Presence.Defaulted && key.Apply(_draft, key.Default!) is { } wrong)
            {
                throw new InvalidOperationException($"default of {key.Path}: {wrong}");
            }

            // A section that is itself unreadable has been reported already.
            if (key.Presence == Presence.Required && !Ancestors(key.Path).Any(_unreadable.Contains))
            {
                Unreadable(key.Path);
                Report(PositionOf(key.Path), Missing(key));
            }
        }
    }

    /// <summary>Names the outermost part that is missing: without any load, its shape is not what to tell of first.</summary>
    private string Missing(ScenarioKey key)
    {
        string outermost = Ancestors(key.Path).Reverse().Append(key.Path).First(path => !_positions.ContainsKey(path));
        return outermost == key.Path
            ? $"{key.Path} is missing; allowed: {key.Allowed}"
            : $"{outermost} is missing; it needs {key.Path}: {key.Allowed}";
    }

    private void Judge(Combination combination)
    {
        if (combination.Keys.Any(key => _unreadable.Contains(key) || Ancestors(key).Any(_unreadable.Contains)))
        {
            return;
        }

        if (combination.Problem(_draft) is { } problem)
        {
            // The key that the user wrote is the one to look at; the other holds its default.
            string at = combination.Keys.FirstOrDefault(_positions.ContainsKey) ?? combination.Keys[0];
            Report(PositionOf(at), $"{at}: {problem}");
        }
    }

    private Mark PositionOf(string path) =>
        Ancestors(path).Prepend(path).Append("").Where(_positions.ContainsKey).Select(p => _positions[p]).First();

    private static IEnumerable<string> Ancestors(string path)
    {
        for (int dot = path.LastIndexOf('.'); dot > 0; dot = path.LastIndexOf('.', dot - 1))
        {
            yield return path[..dot];
        }
    }

    private static bool IsNull(YamlScalarNode scalar) =>
        scalar.Value is null || (scalar.Style == ScalarStyle.Plain && scalar.Value is "" or "~" or "null");

    private static string Shape(YamlNode node) => node switch
    {
        YamlMappingNode => "a mapping",
        YamlSequenceNode => "a list",
        YamlScalarNode scalar when IsNull(scalar) => "nothing",
        YamlScalarNode scalar => $"'{Excerpt.Of(scalar.Value!)}'",
        _ => "something else",
    };

    private void Unreadable(string path) => _unreadable.Add(path);

    private void Report(Mark at, string text) => _problems.Add(new ScenarioProblem(_file, at.Line, at.Column, text));
}
