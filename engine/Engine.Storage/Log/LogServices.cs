namespace Engine.Storage;

/// <summary>What all logs of a data directory share.</summary>
/// <param name="RecycleOffsets">Up to where they may write over their segments.</param>
/// <param name="Log">Gets a line for what an operator wants to know.</param>
/// <param name="Error">Gets a line for what an operator has to do something about.</param>
/// <param name="Techniques">How their files are written and read.</param>
internal sealed record LogServices(
    Housekeeper Housekeeper, Flusher Flusher, RecycleOffsets RecycleOffsets, Action<string> Log, Action<string> Error, StorageTechniques Techniques);
