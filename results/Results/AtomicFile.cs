using System.Text;

namespace Results;

/// <summary>
/// Replaces a file whole: written beside it under another name, flushed to the device, then renamed over it.
/// A crash or a full disk leaves the old file, and no reader ever sees half of the new one.
/// </summary>
public static class AtomicFile
{
    /// <summary>UTF-8 without byte order mark. Makes the folder if needed. An I/O error passes through, the temporary file removed.</summary>
    public static void WriteText(string path, string content)
    {
        string full = Path.GetFullPath(path);
        string folder = Path.GetDirectoryName(full) ?? throw new IOException($"{path} names no file");
        Directory.CreateDirectory(folder);
        // The same folder, because a rename is atomic only within a filesystem.
        string temporary = Path.Combine(folder, $".{Path.GetFileName(full)}.{Guid.NewGuid():N}.tmp");
        try
        {
            using (FileStream file = new(temporary, FileMode.CreateNew, FileAccess.Write))
            {
                file.Write(Encoding.UTF8.GetBytes(content));
                file.Flush(flushToDisk: true);
            }

            File.Move(temporary, full, overwrite: true);
        }
        catch
        {
            File.Delete(temporary);
            throw;
        }
    }
}
