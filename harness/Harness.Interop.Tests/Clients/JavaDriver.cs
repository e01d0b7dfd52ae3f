using System.Diagnostics;
using System.Security.Cryptography;

namespace Harness.Interop.Tests.Clients;

/// <summary>
/// The Java driver, compiled. The virtual machine would also start it from its source, but then each process compiles it anew, which takes several times as
/// long as what the process is for.
/// </summary>
internal static class JavaDriver
{
    public const string MainClass = "Driver";

    /// <summary>The classes of a source lie beside it under its hash, so that another source never meets them.</summary>
    /// <param name="source">Its file.</param>
    /// <param name="classPath">What it is compiled against.</param>
    /// <returns>The folder of its classes.</returns>
    public static string Compile(string source, string classPath)
    {
        string folder = Path.Combine(Path.GetDirectoryName(source)!, Convert.ToHexString(SHA256.HashData(File.ReadAllBytes(source)))[..16]);
        if (Directory.Exists(folder))
        {
            return folder;
        }

        // Made aside and moved there whole: another process may do the same.
        string aside = $"{folder}.{Environment.ProcessId}";
        using (Process compiler = Process.Start(new ProcessStartInfo("javac", ["-cp", classPath, "-d", aside, source]) { RedirectStandardError = true })!)
        {
            string said = compiler.StandardError.ReadToEnd();
            compiler.WaitForExit();
            Assert.True(compiler.ExitCode == 0, said);
        }

        try
        {
            Directory.Move(aside, folder);
        }
        catch (IOException) when (Directory.Exists(folder))
        {
            Directory.Delete(aside, recursive: true);
        }

        return folder;
    }
}
