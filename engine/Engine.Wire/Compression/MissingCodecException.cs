namespace Engine.Wire;

/// <summary>
/// A codec's system library is not on this machine. One line that names the package which brings it; the environment's fault, hence
/// an <see cref="IOException"/>, not the scenario's.
/// </summary>
public sealed class MissingCodecException(CompressionType type, string library, string package)
    : IOException(
        $"compression {RecordCodec.NameOf(type)} needs {library}, which cannot be loaded here; Debian and Ubuntu have it in the package {package}")
{
    public CompressionType Type => type;
}
