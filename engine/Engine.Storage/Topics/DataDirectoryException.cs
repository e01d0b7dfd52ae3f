namespace Engine.Storage;

/// <summary>A data directory cannot be opened; the message says why in one line.</summary>
public sealed class DataDirectoryException(string message) : IOException(message)
{
}

/// <summary>Another process, or another manager in this one, has the data directory open.</summary>
public sealed class DataDirectoryInUseException(string path) : IOException($"{path}: in use by another engine")
{
    public string DataDirectory { get; } = path;
}
