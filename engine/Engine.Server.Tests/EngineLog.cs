using System.Text;

namespace Engine.Server.Tests;

/// <summary>An engine's log in memory, to be read while the engine writes it.</summary>
internal sealed class EngineLog
{
    private readonly StringBuilder _text = new();

    public EngineLog() => Writer = TextWriter.Synchronized(new StringWriter(_text));

    public TextWriter Writer { get; }

    public override string ToString()
    {
        // The lock that a synchronized writer takes is on itself.
        lock (Writer)
        {
            return _text.ToString();
        }
    }
}
