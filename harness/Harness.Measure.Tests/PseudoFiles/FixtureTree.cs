namespace Harness.Measure.Tests;

/// <summary>A folder that stands for the root of /proc and /sys, removed at the end of the test.</summary>
internal sealed class FixtureTree : IDisposable
{
    internal string Root { get; } = Directory.CreateTempSubdirectory("harness-fixture-").FullName;

    internal PseudoFiles Files => new(Root);

    internal FixtureTree With(string path, string content)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(Root + path)!);
        File.WriteAllText(Root + path, content);
        return this;
    }

    internal FixtureTree WithLink(string path, string target)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(Root + path)!);
        File.CreateSymbolicLink(Root + path, target);
        return this;
    }

    internal FixtureTree Without(string path)
    {
        if (Directory.Exists(Root + path))
        {
            Directory.Delete(Root + path, recursive: true);
        }
        else
        {
            File.Delete(Root + path);
        }

        return this;
    }

    public void Dispose() => Directory.Delete(Root, recursive: true);
}
