namespace Engine.Storage;

/// <summary>Kafka's rule for names of topics. (Kafka: org.apache.kafka.common.internals.Topic.)</summary>
public static class TopicName
{
    public const int MaxLength = 249;

    /// <summary>Null when the name may be a topic's; else what is wrong with it, in words for the user.</summary>
    public static string? Validate(ReadOnlySpan<char> name)
    {
        if (name.IsEmpty)
        {
            return "a topic's name must not be empty";
        }

        if (name is "." or "..")
        {
            return $"a topic's name must not be '{name}'";
        }

        if (name.Length > MaxLength)
        {
            return $"a topic's name has at most {MaxLength} characters, not {name.Length}";
        }

        foreach (char c in name)
        {
            if (!char.IsAsciiLetterOrDigit(c) && c is not ('.' or '_' or '-'))
            {
                return $"a topic's name consists of ASCII letters, digits, '.', '_' and '-', not '{name}'";
            }
        }

        return null;
    }
}
