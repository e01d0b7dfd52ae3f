using Harness.Runs.Scenarios.Keys;
using Harness.Runs.Scenarios.Nodes;
using Harness.Verdicts.Expressions;

namespace Harness.Runs.Scenarios;

/// <summary>
/// Reads the nodes of one variant into the typed, fully defaulted draft. Walks them by the key table rather than binding them
/// to objects, because a binder loses the positions that every error has to name, and stops at the first.
/// One reader reads one variant.
/// </summary>
internal sealed class ScenarioReader
{
    private readonly ScenarioDraft _draft = new();
    private readonly List<ScenarioProblem> _problems = [];

    /// <summary>Where each key that was given stands, by its path; sections too.</summary>
    private readonly Dictionary<string, Origin> _positions = [];

    /// <summary>Keys whose value could not be read: what depends on them is not judged.</summary>
    private readonly HashSet<string> _unreadable = [];

    private ScenarioReader()
    {
    }

    /// <summary>Reads a variant. With problems, what was read means nothing.</summary>
    public static (ScenarioDraft Draft, IReadOnlyList<ScenarioProblem> Problems) Read(ScenarioMapping root)
    {
        ScenarioReader reader = new();
        reader._positions[""] = root.At;
        reader.Section("", root);
        reader.Complete();
        foreach (Combination combination in Combination.All)
        {
            reader.Judge(combination);
        }

        return (reader._draft, reader._problems);
    }

    private void Section(string path, ScenarioMapping section)
    {
        foreach (ScenarioEntry entry in section.Entries)
        {
            if (entry.Key is not { } name)
            {
                Report(entry.At, $"a key{(path.Length == 0 ? "" : $" of '{path}'")} must be a word");
                continue;
            }

            string childPath = path.Length == 0 ? name : $"{path}.{name}";
            _positions[childPath] = entry.At;
            if (ScenarioKeys.ByPath.TryGetValue(childPath, out ScenarioKey? known))
            {
                Value(known, entry.Value);
            }
            else if (childPath == ScenarioKeys.Load)
            {
                Load(entry.Value);
            }
            else if (ScenarioKeys.Sections.Contains(childPath))
            {
                Subsection(childPath, entry.Value);
            }
            else
            {
                Refuse(path, name, childPath, entry.At);
            }
        }
    }

    private void Subsection(string path, ScenarioNode value)
    {
        if (value is ScenarioMapping mapping)
        {
            Section(path, mapping);
        }
        else
        {
            Unreadable(path);
            Report(value.At, $"{path}: {Shape(value)} where a mapping is needed; allowed keys: {string.Join(", ", ScenarioKeys.NamesIn(path))}");
        }
    }

    private void Refuse(string section, string name, string path, Origin at)
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

    private void Load(ScenarioNode value)
    {
        const string path = ScenarioKeys.Load;
        const string needed = "a list of shapes is needed, such as {saturate: {during: 30s}}";
        if (value is not ScenarioList phases || phases.Items.Count == 0)
        {
            Unreadable(path);
            Report(value.At, $"{path}: {(value is ScenarioList ? "empty" : Shape(value))} where {needed}");
            return;
        }

        foreach (ScenarioNode phase in phases.Items)
        {
            int before = _problems.Count;
            Phase(phase);
            if (_problems.Count > before)
            {
                Unreadable(path);
            }
        }
    }

    /// <summary>One shape: its keys are those of its rows in the table, each phase's own.</summary>
    private void Phase(ScenarioNode phase)
    {
        const string path = ScenarioKeys.Load;
        if (phase is not ScenarioMapping { Entries: [{ Key: { } shape } entry] })
        {
            Report(phase.At, $"{path}: {Shape(phase)} where one shape is needed; allowed: {string.Join(", ", ScenarioKeys.NamesIn(path))}");
            return;
        }

        string shapePath = $"{path}.{shape}";
        if (!ScenarioKeys.Sections.Contains(shapePath))
        {
            Refuse(path, shape, shapePath, entry.At);
            return;
        }

        _draft.Phase = new LoadPhaseDraft(shape);
        foreach (string earlier in _positions.Keys.Where(key => key.StartsWith(path + ".", StringComparison.Ordinal)).ToArray())
        {
            _positions.Remove(earlier);
        }

        _positions[shapePath] = entry.At;
        Subsection(shapePath, entry.Value);
        foreach (ScenarioKey key in ScenarioKeys.All.Where(key => key.Path.StartsWith(shapePath + ".", StringComparison.Ordinal) && !_positions.ContainsKey(key.Path)))
        {
            if (!_unreadable.Contains(shapePath))
            {
                Report(entry.At, $"{key.Path} is missing; allowed: {key.Allowed}");
            }
        }

        _draft.EndPhase();
    }

    private void Value(ScenarioKey key, ScenarioNode value)
    {
        if (key.Path == ScenarioKeys.Expect && value is ScenarioMapping byTarget)
        {
            ExpectByTarget(key, byTarget);
        }
        else if (!key.IsList)
        {
            Scalar(key, value);
        }
        else if (value is not ScenarioList list)
        {
            Unreadable(key.Path);
            Report(value.At, $"{key.Path}: {Shape(value)} where a list is needed, of: {key.Allowed}");
        }
        else if (list.Items.Count == 0 && key.Presence != Presence.Optional)
        {
            Unreadable(key.Path);
            Report(list.At, $"{key.Path}: an empty list; at least one is needed of: {key.Allowed}");
        }
        else
        {
            foreach (ScenarioNode item in list.Items)
            {
                if (key.Path == ScenarioKeys.Targets && item is ScenarioMapping configured)
                {
                    Target(key, configured);
                }
                else
                {
                    Scalar(key, item);
                }
            }
        }
    }

    /// <summary><c>expect: {each: […], kafka: […]}</c>: for every target, and for some of them.</summary>
    private void ExpectByTarget(ScenarioKey key, ScenarioMapping byTarget)
    {
        foreach (ScenarioEntry entry in byTarget.Entries)
        {
            _draft.ExpectOf = entry.Key == ScenarioKeys.EachTarget ? null : entry.Key ?? "";
            if (entry.Value is not ScenarioList list)
            {
                Unreadable(key.Path);
                Report(entry.Value.At, $"{key.Path}: {Shape(entry.Value)} for '{Excerpt.Of(entry.Key ?? "")}' where a list is needed, of: {key.Allowed}");
                continue;
            }

            _positions[$"{key.Path}.{entry.Key}"] = entry.At;
            foreach (ScenarioNode item in list.Items)
            {
                Scalar(key, item);
            }
        }

        _draft.ExpectOf = null;
    }

    /// <summary><c>{target: kafka, config: {num.io.threads: 4}}</c>, the long form of <c>kafka+num.io.threads=4</c>.</summary>
    private void Target(ScenarioKey key, ScenarioMapping item)
    {
        string text = "";
        List<string> settings = [];
        foreach (ScenarioEntry entry in item.Entries)
        {
            switch (entry)
            {
                case { Key: "target", Value: ScenarioScalar { Text: { } name } }:
                    text = name;
                    break;
                case { Key: "config", Value: ScenarioMapping config } when config.Entries.All(e => e is { Key: not null, Value: ScenarioScalar { Text: not null } }):
                    settings.AddRange(config.Entries.Select(e => $"{e.Key}={((ScenarioScalar)e.Value).Text}"));
                    break;
                default:
                    Unreadable(key.Path);
                    Report(entry.At, $"{key.Path}: '{Excerpt.Of(entry.Key ?? "")}' is not as needed; allowed: {key.Allowed}, or {{target: NAME, config: {{key: value}}}}");
                    return;
            }
        }

        Scalar(key, new ScenarioScalar(item.At, text.Length == 0 ? null : string.Join('+', [text, .. settings])));
    }

    private void Scalar(ScenarioKey key, ScenarioNode value)
    {
        string? problem = value switch
        {
            ScenarioScalar { Text: null } => "has no value",
            ScenarioScalar scalar => key.Apply(_draft, scalar.Text!),
            _ => $"{Shape(value)} where a single value is needed",
        };
        if (problem is not null)
        {
            Unreadable(key.Path);
            Report(value.At, $"{key.Path}: {problem}; allowed: {key.Allowed}");
        }
    }

    /// <summary>What is not given: the table's default, or a problem. The shapes of the load see to theirs.</summary>
    private void Complete()
    {
        foreach (ScenarioKey key in ScenarioKeys.All.Where(key => !_positions.ContainsKey(key.Path) && !ScenarioKeys.IsOfShape(key)))
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

        if (!_positions.ContainsKey(ScenarioKeys.Load))
        {
            Unreadable(ScenarioKeys.Load);
            Report(PositionOf(""), "load is missing; it needs a list of shapes, such as {saturate: {during: 30s}}");
        }
    }

    /// <summary>Names the outermost part that is missing: without any message, its size is not what to tell of first.</summary>
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

    private Origin PositionOf(string path) =>
        Ancestors(path).Prepend(path).Append("").Where(_positions.ContainsKey).Select(p => _positions[p]).First();

    private static IEnumerable<string> Ancestors(string path)
    {
        for (int dot = path.LastIndexOf('.'); dot > 0; dot = path.LastIndexOf('.', dot - 1))
        {
            yield return path[..dot];
        }
    }

    internal static string Shape(ScenarioNode node) => node switch
    {
        ScenarioMapping => "a mapping",
        ScenarioList => "a list",
        ScenarioScalar { Text: { } text } => $"'{Excerpt.Of(text)}'",
        _ => "nothing",
    };

    private void Unreadable(string path) => _unreadable.Add(path);

    private void Report(Origin at, string text) => _problems.Add(new ScenarioProblem(at.File, at.Line, at.Column, text));
}
