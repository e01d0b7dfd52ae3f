namespace Engine.Server;

/// <summary>What a handler says of a request.</summary>
internal enum HandlerResult
{
    /// <summary>Answered, or needs no answer.</summary>
    Done,

    /// <summary>
    /// To be handled again when something it waits for has happened or its deadline has passed. The request stays where it is, in
    /// the receive buffer, so waiting copies nothing.
    /// </summary>
    Park,

    /// <summary>The protocol's answer is to close the connection.</summary>
    Close,
}
