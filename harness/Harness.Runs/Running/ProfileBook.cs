using System.Text;
using Harness.Measure;
using Results;

namespace Harness.Runs;

/// <summary>Where the broker of each variant spent its CPU time, over all of its trials so far; the stacks lie in files beside the result. Owned by the run.</summary>
internal sealed class ProfileBook(RunFolder folder)
{
    private const int SymbolsMax = 20;
    private readonly Dictionary<string, Sum> _variants = [];

    /// <summary>Adds a trial's, and writes the variant's file anew.</summary>
    /// <returns>All variants, in the order in which they came.</returns>
    public IReadOnlyList<CpuProfile> Add(Trial trial, ProcessProfile profile)
    {
        string variant = RunVariants.NameOf(trial);
        if (!_variants.TryGetValue(variant, out Sum? sum))
        {
            _variants.Add(variant, sum = new Sum(FileOf(variant)));
        }

        sum.NotMeasured.UnionWith(profile.NotMeasured);
        if (profile.Folded.Count > 0)
        {
            sum.Trials++;
            sum.Lost += profile.Lost;
            sum.CpuSeconds += trial.Broker.UserSeconds + trial.Broker.SystemSeconds;
            foreach ((string stack, long count) in profile.Folded)
            {
                sum.Folded[stack] = sum.Folded.GetValueOrDefault(stack) + count;
            }

            AtomicFile.WriteText(Path.Combine(folder.FolderPath, sum.File), Text(sum.Folded));
        }

        return [.. _variants.Select(pair => Document(pair.Key, pair.Value))];
    }

    /// <summary>A line a stack, in the order of their names, so that the same samples are the same file.</summary>
    private static string Text(Dictionary<string, long> folded)
    {
        StringBuilder text = new();
        foreach ((string stack, long count) in folded.OrderBy(pair => pair.Key, StringComparer.Ordinal))
        {
            text.Append(stack).Append(' ').Append(count).Append('\n');
        }

        return text.ToString();
    }

    private static CpuProfile Document(string variant, Sum sum)
    {
        SymbolSamples[] symbols =
        [
            .. sum.Folded.GroupBy(pair => pair.Key[(pair.Key.LastIndexOf(';') + 1)..], pair => pair.Value)
                .Select(leaf => new SymbolSamples(leaf.Key, CpuFrames.CategoryOf(leaf.Key), leaf.Sum()))
                .OrderByDescending(symbol => symbol.Samples).ThenBy(symbol => symbol.Name, StringComparer.Ordinal),
        ];
        return new CpuProfile
        {
            Variant = variant,
            Trials = sum.Trials,
            Hertz = CpuProfiler.Hertz,
            Samples = symbols.Sum(symbol => symbol.Samples),
            LostSamples = sum.Lost,
            CpuSeconds = sum.CpuSeconds,
            Categories =
            [
                .. symbols.GroupBy(symbol => symbol.Category).OrderBy(kind => kind.Key)
                    .Select(kind => new CategorySamples(kind.Key, kind.Sum(symbol => symbol.Samples))),
            ],
            Symbols = [.. symbols.Take(SymbolsMax)],
            FoldedFile = sum.Trials > 0 ? sum.File : null,
            NotMeasured = [.. sum.NotMeasured],
        };
    }

    /// <summary>Two variants whose names differ only in what no file's name can have get files of their own.</summary>
    private string FileOf(string variant)
    {
        string name = $"profile-{RunFolder.FileName(variant)}";
        for (int number = 1; ; number++)
        {
            string file = number == 1 ? $"{name}.folded" : $"{name}-{number}.folded";
            if (_variants.Values.All(other => other.File != file))
            {
                return file;
            }
        }
    }

    private sealed class Sum(string file)
    {
        public string File { get; } = file;
        public Dictionary<string, long> Folded { get; } = [];
        public HashSet<string> NotMeasured { get; } = [];
        public int Trials { get; set; }
        public long Lost { get; set; }
        public double CpuSeconds { get; set; }
    }
}
