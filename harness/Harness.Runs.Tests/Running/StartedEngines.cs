using System.Diagnostics;
using System.Globalization;

namespace Harness.Runs.Tests.Running;

/// <summary>Engines that this process has started.</summary>
internal static class StartedEngines
{
    internal static int[] Ids() => [.. Process.GetProcessesByName("engine").Select(process => process.Id).Where(id => ParentOf(id) == Environment.ProcessId)];

    /// <summary>Null when it has ended: others start and end engines too.</summary>
    private static int? ParentOf(int id)
    {
        try
        {
            // Behind the name, which may have anything in it: the state, and the parent.
            return int.Parse(File.ReadAllText($"/proc/{id}/stat").Split(") ")[^1].Split(' ')[1], CultureInfo.InvariantCulture);
        }
        catch (IOException)
        {
            return null;
        }
    }
}
