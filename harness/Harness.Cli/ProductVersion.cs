using System.Reflection;

namespace Harness.Cli;

/// <summary>Version and commit, as the build wrote them into the assembly: <c>0.1.0+COMMIT</c>, without a commit outside a git checkout.</summary>
internal static class ProductVersion
{
    public static string Version => Parts[0];

    public static string? Commit => Parts.Length > 1 ? Parts[1] : null;

    public static string Line => Commit is { } commit ? $"harness {Version} (commit {commit})" : $"harness {Version}";

    private static string[] Parts { get; } =
        (typeof(ProductVersion).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion ?? "0").Split('+', 2);
}
