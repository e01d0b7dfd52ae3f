namespace Reports.Formatting;

/// <summary>What the numbers of an axis are; <see cref="Format.Tick"/> knows how each is written.</summary>
public enum Quantity
{
    Number,
    Seconds,
    Micros,
    MessagesPerSecond,
    BytesPerSecond,

    /// <summary>0 to 1, written in percent.</summary>
    Share,
}
