using System.Diagnostics.CodeAnalysis;

namespace Engine.Storage;

/// <summary>The topics at one moment, by name and by id. Never changed: a change makes a new one.</summary>
internal sealed class TopicMap
{
    internal static readonly TopicMap Empty = new([]);

    private readonly Dictionary<string, Topic> _byName;
    private readonly Dictionary<Guid, Topic> _byId;
    private readonly Dictionary<string, Topic>.AlternateLookup<ReadOnlySpan<char>> _bySpan;

    private TopicMap(Topic[] topics)
    {
        All = topics;
        _byName = topics.ToDictionary(t => t.Name, StringComparer.Ordinal);
        _byId = topics.ToDictionary(t => t.Id);
        _bySpan = _byName.GetAlternateLookup<ReadOnlySpan<char>>();
    }

    internal Topic[] All { get; }

    internal bool TryGet(string name, [NotNullWhen(true)] out Topic? topic) => _byName.TryGetValue(name, out topic);

    internal bool TryGet(ReadOnlySpan<char> name, [NotNullWhen(true)] out Topic? topic) => _bySpan.TryGetValue(name, out topic);

    internal bool TryGet(Guid id, [NotNullWhen(true)] out Topic? topic) => _byId.TryGetValue(id, out topic);

    internal TopicMap With(Topic topic) => new([.. All, topic]);

    internal TopicMap Replacing(Topic old, Topic changed) => new([.. All.Select(t => t == old ? changed : t)]);

    internal TopicMap Without(Topic topic) => new([.. All.Where(t => t != topic)]);
}
