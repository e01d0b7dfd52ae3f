using Harness.Runs.Planning;
using Harness.Runs.Scenarios.Keys;
using Harness.Runs.Scenarios.Nodes;
using Harness.Verdicts.Expressions;
using Harness.Verdicts.Judging;
using Results;

namespace Harness.Runs.Scenarios;

/// <summary>
/// Resolves a scenario file into a plan: what it extends is laid under it, what the command line sets over it, and every
/// variant under <c>compare</c> is read at every point of the <c>matrix</c>, so that each is checked as it will run. Problems of all of them are
/// told together. One reader resolves one file.
/// </summary>
public sealed class PlanReader
{
    private const int ExtendsLimit = 8;
    private const int VariantsLimit = 16;
    private const int VariantNameLimit = 40;

    /// <summary>Keys that cannot differ between variants or points.</summary>
    internal static IReadOnlySet<string> OfTheWholeRun { get; } = new HashSet<string>
    {
        "name", "title", "claim", "repeat", "starts", "allow", ScenarioKeys.Extends, ScenarioKeys.Compare, ScenarioKeys.Matrix,
    };

    private readonly ScenarioCatalog? _catalog;
    private readonly List<ScenarioProblem> _problems = [];

    private PlanReader(ScenarioCatalog? catalog) => _catalog = catalog;

    /// <param name="catalog">Finds what is extended by name.</param>
    /// <exception cref="ScenarioException">The file cannot be read, or is no scenario that this version can run.</exception>
    public static RunPlan Read(ScenarioFile file, PlanRequest? request = null, ScenarioCatalog? catalog = null)
    {
        ArgumentNullException.ThrowIfNull(file);
        return new PlanReader(catalog).Resolve(Text(file), file, request ?? new PlanRequest());
    }

    /// <param name="file">Named in problems.</param>
    /// <inheritdoc cref="Read"/>
    public static RunPlan Parse(string yaml, string file, PlanRequest? request = null) =>
        new PlanReader(null).Resolve(yaml, new ScenarioFile(file, file, null), request ?? new PlanRequest());

    private RunPlan Resolve(string yaml, ScenarioFile file, PlanRequest request)
    {
        ScenarioMapping root = Extended(YamlDocumentSource.Parse(yaml, file.Shown), file, 0);
        root = Override(root, request);
        IReadOnlyList<IReadOnlyList<MatrixSetting>> points = new MatrixReader(_problems).Read(root.Find(ScenarioKeys.Matrix));
        List<ScenarioEntry?> compared = Compared(root.Find(ScenarioKeys.Compare));
        ScenarioMapping common = root.Without(ScenarioKeys.Extends, ScenarioKeys.Compare, ScenarioKeys.Matrix);
        List<PlanPoint> resolved = [];
        ScenarioDraft first = new();
        for (int point = 0; point < points.Count; point++)
        {
            List<(string? Name, ScenarioDraft Draft)> drafts = [];
            foreach (ScenarioEntry? variant in compared)
            {
                ScenarioMapping nodes = variant is null ? common : common.With((ScenarioMapping)variant.Value);
                foreach (MatrixSetting setting in points[point])
                {
                    nodes = NodePath.Set(nodes, setting.Path, setting.Value, setting.At);
                }

                (ScenarioDraft draft, IReadOnlyList<ScenarioProblem> problems) = ScenarioReader.Read(nodes);
                _problems.AddRange(problems);
                drafts.Add((variant?.Key, draft));
            }

            first = drafts[0].Draft;
            resolved.Add(new PlanPoint(point, Settings(points[point]), Variants(drafts, point, points[point], file.InRepository)));
        }

        if (_problems.Count == 0)
        {
            CheckTargets(root, resolved);
            CheckBaselines(root, resolved);
            CheckDurability(root, resolved, first);
        }

        if (_problems.Count > 0)
        {
            throw new ScenarioException([.. _problems.Distinct().OrderBy(problem => (problem.File, problem.Line, problem.Column))]);
        }

        RunPlan plan = new() { Name = first.Name, Repeat = first.Repeat, Points = resolved };
        return request.Quick ? QuickForm.Of(plan) : plan;
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

    /// <summary>The scenario over those that it extends. A path is relative to the file that names it.</summary>
    private ScenarioMapping Extended(ScenarioMapping root, ScenarioFile file, int depth)
    {
        if (root.Find(ScenarioKeys.Extends) is not { } extends)
        {
            return root;
        }

        if (extends.Value is not ScenarioScalar { Text: { } name })
        {
            throw Problem(extends.Value.At, $"extends: {ScenarioReader.Shape(extends.Value)} where the name or path of a scenario is needed");
        }

        if (depth == ExtendsLimit)
        {
            throw Problem(extends.At, $"extends: more than {ExtendsLimit} scenarios one upon the other, or one upon itself");
        }

        ScenarioFile under = Find(name, file, extends.Value.At);
        ScenarioMapping below;
        try
        {
            below = YamlDocumentSource.Parse(Text(under), under.Shown);
        }
        catch (ScenarioException e) when (e.Problems is [{ Line: 0 }])
        {
            throw Problem(extends.Value.At, $"extends: {under.Shown} {e.Problems[0].Text}");
        }

        return Extended(below, under, depth + 1).Without(ScenarioKeys.Extends).With(root);
    }

    private ScenarioFile Find(string name, ScenarioFile from, Origin at)
    {
        string beside = Path.Combine(Path.GetDirectoryName(from.Path) ?? "", name);
        if (File.Exists(beside))
        {
            string shown = Path.Combine(Path.GetDirectoryName(from.Shown) ?? "", name);
            return new ScenarioFile(beside, shown, null);
        }

        try
        {
            return _catalog?.Find(name) ?? throw new ScenarioException($"no scenario '{Excerpt.Of(name)}'");
        }
        catch (ScenarioException e)
        {
            throw Problem(at, $"extends: {e.Message}");
        }
    }

    private static ScenarioMapping Override(ScenarioMapping root, PlanRequest request)
    {
        foreach (string setting in request.Settings)
        {
            string option = $"--set {setting}";
            int equals = setting.IndexOf('=', StringComparison.Ordinal);
            if (equals <= 0)
            {
                throw new ScenarioException($"{option}: allowed: path=value, such as message.size=100B");
            }

            root = NodePath.Set(
                root, setting[..equals], YamlDocumentSource.ParseValue(setting[(equals + 1)..], option), new Origin(option, 0, 0));
        }

        if (request.Targets.Count > 0)
        {
            Origin at = new("--target", 0, 0);
            root = NodePath.Set(root, ScenarioKeys.Targets, new ScenarioList(at, [.. request.Targets.Select(t => new ScenarioScalar(at, t))]), at);
        }

        if (request.Repeat is { } repeat)
        {
            Origin at = new("--repeat", 0, 0);
            root = NodePath.Set(root, "repeat", new ScenarioScalar(at, $"{repeat}"), at);
        }

        return root;
    }

    /// <summary>The variants under <c>compare</c>; a single null where there are none.</summary>
    private List<ScenarioEntry?> Compared(ScenarioEntry? compare)
    {
        if (compare is null)
        {
            return [null];
        }

        if (compare.Value is not ScenarioMapping { Entries.Count: >= 2 and <= VariantsLimit } variants)
        {
            string what = compare.Value is ScenarioMapping mapping ? $"{mapping.Entries.Count} of them" : ScenarioReader.Shape(compare.Value);
            Report(compare.Value.At, $"compare: {what} where 2 to {VariantsLimit} named variants are needed, such as {{small: {{producers: {{batch: 16KiB}}}}, …}}");
            return [null];
        }

        int before = _problems.Count;
        foreach (ScenarioEntry variant in variants.Entries)
        {
            CheckVariant(variant);
        }

        return _problems.Count == before ? [.. variants.Entries] : [null];
    }

    private void CheckVariant(ScenarioEntry variant)
    {
        if (variant.Key is not { Length: <= VariantNameLimit } name || name.Any(char.IsControl))
        {
            Report(variant.At, $"compare: '{Excerpt.Of(variant.Key ?? "")}' does not fit; allowed: a name of at most {VariantNameLimit} characters");
        }
        else if (variant.Value is not ScenarioMapping changes)
        {
            Report(variant.Value.At, $"compare.{name}: {ScenarioReader.Shape(variant.Value)} where the keys are needed that this variant changes");
        }
        else
        {
            foreach (ScenarioEntry change in changes.Entries.Where(change => OfTheWholeRun.Contains(change.Key ?? "")))
            {
                Report(change.At, $"compare.{name}.{change.Key}: holds for the whole run; give it outside of compare");
            }
        }
    }

    private static Dictionary<string, string> Settings(IReadOnlyList<MatrixSetting> point) => point.ToDictionary(setting => setting.Path, setting => setting.Text);

    private static VariantInfo[] Variants(
        IReadOnlyList<(string? Name, ScenarioDraft Draft)> drafts, int point, IReadOnlyList<MatrixSetting> settings, string? file)
    {
        bool manyTargets = drafts.Any(variant => variant.Draft.Targets.Count > 1);
        string where = settings.Count == 0 ? "" : $" at {string.Join(", ", settings.Select(setting => $"{setting.Path}={setting.Text}"))}";
        return
        [
            .. drafts.SelectMany(variant => variant.Draft.Targets.Select(target =>
            {
                string label = variant.Name is null ? target : manyTargets ? $"{variant.Name} on {target}" : variant.Name;
                return new VariantInfo
                {
                    Name = label + where,
                    Label = label,
                    Target = target,
                    Point = point,
                    Settings = Settings(settings),
                    Scenario = variant.Draft.ToScenario(file, target),
                };
            })),
        ];
    }

    /// <summary>Whose expectations there are only shows when all targets are known.</summary>
    private void CheckTargets(ScenarioMapping root, List<PlanPoint> points)
    {
        if (root.Find(ScenarioKeys.Expect) is { Value: ScenarioMapping expected })
        {
            string[] targets = [.. points.SelectMany(point => point.Variants).Select(variant => variant.Target).Distinct()];
            foreach (ScenarioEntry entry in expected.Entries.Where(entry => entry.Key != ScenarioKeys.EachTarget && !targets.Contains(entry.Key)))
            {
                Report(entry.At, $"expect: '{Excerpt.Of(entry.Key ?? "")}' is none of the targets{NearestName.Hint(entry.Key ?? "", [ScenarioKeys.EachTarget, .. targets])}; "
                    + $"allowed: {ScenarioKeys.EachTarget}, {string.Join(", ", targets)}");
            }
        }
    }

    /// <summary>
    /// Whom a ratio is taken of only shows when all variants are known. Told where the line stands, once, whichever variant it fails for.
    /// </summary>
    private void CheckBaselines(ScenarioMapping root, List<PlanPoint> points)
    {
        foreach (PlanPoint point in points)
        {
            foreach (VariantInfo variant in point.Variants)
            {
                foreach (string text in variant.Scenario.Expect)
                {
                    if (!Expectation.TryParse(text, out Expectation? expectation, out _) || expectation!.Baseline is not { } name)
                    {
                        continue;
                    }

                    bool known = expectation.AtBest
                        ? name != variant.Target && point.Variants.Any(other => other.Target == name)
                        : RatioBaseline.Of(point.Variants, variant, name) is not null;
                    if (!known)
                    {
                        ReportBaseline(root, point, variant, text, name);
                    }
                }
            }
        }
    }

    private void ReportBaseline(ScenarioMapping root, PlanPoint point, VariantInfo variant, string text, string name)
    {
        bool itself = name == variant.Target || name == variant.Label;
        string[] names = [.. point.Variants.SelectMany(other => (string[])[other.Target, other.Label]).Where(other => other != variant.Target && other != variant.Label).Distinct()];
        string allowed = names.Length == 0 ? "nothing is interleaved with it" : $"allowed: {string.Join(", ", names)}";
        Report(LineOf(root, text), itself
            ? $"expect: '{Excerpt.Of(text)}' would hold {VariantNames.Of(variant)} against itself; give it to the others alone, under expect.TARGET or a variant's own expect"
            : $"expect: '{Excerpt.Of(name)}' is none of the targets or variants that take turns with {VariantNames.Of(variant)}{NearestName.Hint(name, names)}; {allowed}");
    }

    /// <summary>Where that expectation is written; lists of the scenario, of a target, or of a variant under compare.</summary>
    private static Origin LineOf(ScenarioNode node, string text) => Lines(node).FirstOrDefault(scalar => scalar.Text?.Trim() == text)?.At ?? node.At;

    private static IEnumerable<ScenarioScalar> Lines(ScenarioNode node) => node switch
    {
        ScenarioMapping mapping => mapping.Entries.SelectMany(entry => Lines(entry.Value)),
        ScenarioList list => list.Items.SelectMany(Lines),
        ScenarioScalar scalar => [scalar],
        _ => [],
    };

    /// <summary>Variants that promise differently do different work, and one would be called faster for promising less.</summary>
    private void CheckDurability(ScenarioMapping root, List<PlanPoint> points, ScenarioDraft first)
    {
        if (!first.Allow.Contains("durability") && Durability.Unequal([.. points.SelectMany(point => point.Variants)]) is { } difference)
        {
            Origin at = (root.Find(ScenarioKeys.Compare) ?? root.Find(ScenarioKeys.Targets))?.At ?? root.At;
            Report(at, $"{difference}; allowed: equal durability, or allow: [durability]");
        }
    }

    private static ScenarioException Problem(Origin at, string text) => new([new ScenarioProblem(at.File, at.Line, at.Column, text)]);

    private void Report(Origin at, string text) => _problems.Add(new ScenarioProblem(at.File, at.Line, at.Column, text));
}
