using Engine.Storage;
using Engine.Wire;

namespace Engine.Server;

/// <summary>Makes a topic's new settings from those it has and what is to be done to them.</summary>
internal static class ConfigAlterations
{
    /// <param name="replaces">What is not named goes back to its default.</param>
    /// <exception cref="InvalidLogConfigException">Something is to be added to a setting that is not a list.</exception>
    public static IReadOnlyDictionary<string, string?> Apply(
        IReadOnlyDictionary<string, string> present, IEnumerable<ConfigAlteration> alterations, bool replaces)
    {
        Dictionary<string, string?> changed = replaces ? [] : present.ToDictionary(entry => entry.Key, entry => (string?)entry.Value);
        foreach (ConfigAlteration alteration in alterations)
        {
            switch ((AlterConfigOperation)alteration.Operation)
            {
                case AlterConfigOperation.Set:
                    changed[alteration.Name] = alteration.Value;
                    break;
                case AlterConfigOperation.Delete:
                    changed.Remove(alteration.Name);
                    break;
                default:
                    changed[alteration.Name] = Edit(changed, alteration);
                    break;
            }
        }

        return changed;
    }

    private static string Edit(Dictionary<string, string?> changed, ConfigAlteration alteration)
    {
        LogConfigEntry setting = LogConfig.Default.Describe(LogConfig.Default).FirstOrDefault(entry => entry.Name == alteration.Name)
            is { Type: LogConfigType.List } list
            ? list
            : throw new InvalidLogConfigException(alteration.Name, $"{alteration.Name} is not a list");
        string[] values = changed.GetValueOrDefault(alteration.Name, setting.Default)!.Split(',', StringSplitOptions.RemoveEmptyEntries);
        string[] named = alteration.Value!.Split(',');
        return string.Join(',', alteration.Operation == (sbyte)AlterConfigOperation.Append ? values.Union(named) : values.Except(named));
    }
}
