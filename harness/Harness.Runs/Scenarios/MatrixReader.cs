using Harness.Runs.Scenarios.Nodes;

namespace Harness.Runs.Scenarios;

/// <summary>One value that a point of the matrix sets.</summary>
internal sealed record MatrixSetting(string Path, ScenarioNode Value, Origin At)
{
    /// <summary>As written.</summary>
    public string Text => Write(Value);

    private static string Write(ScenarioNode node) => node switch
    {
        ScenarioScalar scalar => scalar.Text ?? "null",
        ScenarioList list => $"[{string.Join(", ", list.Items.Select(Write))}]",
        ScenarioMapping mapping => $"{{{string.Join(", ", mapping.Entries.Select(entry => $"{entry.Key}: {Write(entry.Value)}"))}}}",
        _ => "",
    };
}

/// <summary>
/// Reads <c>matrix</c>: paths with lists of values. All are crossed with each other, the last one changing fastest; those under <c>zip</c> go forward
/// together and are crossed with the others as one.
/// </summary>
internal sealed class MatrixReader(List<ScenarioProblem> problems)
{
    /// <summary>More is a mistake: at the shortest trial it would run for hours.</summary>
    public const int PointsLimit = 256;

    private const string Zip = "zip";

    /// <returns>At least one point; without a matrix one that sets nothing.</returns>
    public IReadOnlyList<IReadOnlyList<MatrixSetting>> Read(ScenarioEntry? matrix)
    {
        if (matrix is null)
        {
            return [[]];
        }

        if (matrix.Value is not ScenarioMapping { Entries.Count: > 0 } axes)
        {
            Report(matrix.Value.At, $"matrix: {ScenarioReader.Shape(matrix.Value)} where a mapping of paths to lists of values is needed");
            return [[]];
        }

        List<IReadOnlyList<IReadOnlyList<MatrixSetting>>> dimensions = [.. axes.Entries.Select(Dimension)];
        long points = dimensions.Aggregate(1L, (product, dimension) => Math.Min(int.MaxValue, product * dimension.Count));
        if (points > PointsLimit)
        {
            Report(matrix.At, $"matrix: {string.Join(" × ", dimensions.Select(dimension => dimension.Count))} = {points} points; allowed: at most {PointsLimit}");
            return [[]];
        }

        IEnumerable<IReadOnlyList<MatrixSetting>> crossed = [[]];
        foreach (IReadOnlyList<IReadOnlyList<MatrixSetting>> dimension in dimensions)
        {
            crossed = crossed.SelectMany(point => dimension.Select(step => (IReadOnlyList<MatrixSetting>)[.. point, .. step]));
        }

        return [.. crossed];
    }

    private IReadOnlyList<IReadOnlyList<MatrixSetting>> Dimension(ScenarioEntry axis)
    {
        if (axis.Key != Zip)
        {
            return [.. Values(axis).Select(setting => new[] { setting })];
        }

        if (axis.Value is not ScenarioMapping { Entries.Count: > 0 } together)
        {
            Report(axis.Value.At, $"matrix.zip: {ScenarioReader.Shape(axis.Value)} where a mapping of paths to lists of values is needed");
            return [];
        }

        IReadOnlyList<MatrixSetting>[] axes = [.. together.Entries.Select(Values)];
        if (axes.Select(values => values.Count).Distinct().Count() > 1)
        {
            Report(axis.At, $"matrix.zip: lists of {string.Join(", ", axes.Select(values => values.Count))} values; allowed: lists of one length");
            return [];
        }

        return [.. Enumerable.Range(0, axes[0].Count).Select(i => axes.Select(values => values[i]).ToArray())];
    }

    private IReadOnlyList<MatrixSetting> Values(ScenarioEntry axis)
    {
        if (axis.Key is not { } path || PlanReader.OfTheWholeRun.Contains(path.Split('.')[0]))
        {
            Report(axis.At, $"matrix: '{axis.Key}' holds for the whole run; allowed: any other key by its path");
            return [];
        }

        if (axis.Value is not ScenarioList { Items.Count: > 0 } list)
        {
            Report(axis.Value.At, $"matrix.{path}: {ScenarioReader.Shape(axis.Value)} where a list of values is needed");
            return [];
        }

        return [.. list.Items.Select(value => new MatrixSetting(path, value, value.At))];
    }

    private void Report(Origin at, string text) => problems.Add(new ScenarioProblem(at.File, at.Line, at.Column, text));
}
