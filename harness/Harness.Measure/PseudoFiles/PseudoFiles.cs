using System.Globalization;
using System.IO.Enumeration;
using System.Text;
using Engine.Linux;

namespace Harness.Measure;

/// <summary>
/// Reads the kernel's text files (/proc, /sys) below a root, which tests point at a tree of their own. Not File.ReadAllText:
/// the files tell no length, and a reader that runs every second for every thread of a broker must not feed the garbage
/// collector of the generator it runs in, so one buffer is used again and again. Belongs to one thread.
/// </summary>
internal sealed class PseudoFiles
{
    private readonly string _root;
    private byte[] _buffer = new byte[16 * 1024];

    /// <param name="root">Empty for the real tree.</param>
    internal PseudoFiles(string root = "") => _root = root.TrimEnd('/');

    /// <summary>
    /// The whole file, good until the next read; empty where it is not there or may not be read. Absence is an ordinary answer
    /// here: kernels and machines differ in what they show, and processes end.
    /// </summary>
    internal ReadOnlySpan<byte> Read(string path)
    {
        try
        {
            using FileDescriptor file = Files.Open(_root + path, OpenFlags.ReadOnly);
            int length = 0;
            while (true)
            {
                length += Files.ReadAt(file, _buffer.AsSpan(length), length);
                if (length < _buffer.Length)
                {
                    return _buffer.AsSpan(0, length);
                }

                Array.Resize(ref _buffer, _buffer.Length * 2);
            }
        }
        catch (LinuxException)
        {
            return default;
        }
    }

    /// <summary>The file as text without the white space around it; null where it is not there, may not be read, or is empty.</summary>
    internal string? ReadText(string path)
    {
        string text = Encoding.UTF8.GetString(Read(path)).Trim();
        return text.Length == 0 ? null : text;
    }

    /// <summary>Names in a folder in ordinal order; none where it cannot be read.</summary>
    internal string[] List(string path)
    {
        try
        {
            return [.. Directory.EnumerateFileSystemEntries(_root + path)
                .Select(entry => Path.GetFileName(entry))
                .Order(StringComparer.Ordinal)];
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return [];
        }
    }

    /// <summary>Those names in a folder that are numbers, in no order; none where it cannot be read.</summary>
    internal void ListNumbers(string path, List<int> into)
    {
        into.Clear();
        try
        {
            foreach (int number in new FileSystemEnumerable<int>(_root + path, Number))
            {
                if (number >= 0)
                {
                    into.Add(number);
                }
            }
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // A process that ends meanwhile: what was seen of it stands.
        }

        static int Number(ref FileSystemEntry entry) =>
            int.TryParse(entry.FileName, NumberStyles.None, CultureInfo.InvariantCulture, out int number) ? number : -1;
    }

    internal bool Exists(string path) => Path.Exists(_root + path);
}
