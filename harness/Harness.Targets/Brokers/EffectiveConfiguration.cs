namespace Harness.Targets;

/// <summary>
/// A broker's configuration as a result keeps it: only what is set, secrets hidden, and places on this machine told by a name,
/// because a result is read elsewhere and must not say whose machine it was.
/// </summary>
internal static class EffectiveConfiguration
{
    private const string Hidden = "(hidden)";

    /// <param name="places">Folders, each with the name that takes its place.</param>
    internal static SortedDictionary<string, string> From(
        IEnumerable<ConfigEntry> entries, params IReadOnlyList<(string Folder, string Name)> places)
    {
        SortedDictionary<string, string> configuration = new(StringComparer.Ordinal);
        foreach (ConfigEntry entry in entries)
        {
            if (entry.IsSensitive)
            {
                configuration[entry.Name] = Hidden;
            }
            else if (entry.Value is not null)
            {
                configuration[entry.Name] = places.Aggregate(
                    entry.Value, (value, place) => value.Replace(place.Folder, place.Name, StringComparison.Ordinal));
            }
        }

        return configuration;
    }
}
