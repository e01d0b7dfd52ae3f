using System.Net;
using Engine.Wire;

namespace Engine.Server.Tests.Fuzzing;

/// <summary>Valid frames of every API in every version that is served: those of the sound exchanges of <see cref="ApiCases"/>, and filled ones of the rest.</summary>
internal static class FuzzSeeds
{
    private const int FrameBytesMax = 64 * 1024;

    /// <remarks>Nearly all exchanges begin with the creation of a topic, and that frame is kept only here and there.</remarks>
    public static IReadOnlyList<byte[]> Record(IPEndPoint engine)
    {
        List<byte[]> frames = [];
        foreach (ApiRange range in Apis.Served)
        {
            for (short version = range.Min; version <= range.Max; version++)
            {
                if (!ApiCases.All.ContainsKey(range.Key))
                {
                    frames.Add(FilledRequest.Frame(range.Key, version));
                    continue;
                }

                List<byte[]> sent = [];
                using TestClient client = new(engine) { Sending = sent.Add };
                ApiCases.All[range.Key](client, $"{range.Key}-{version}", version);
                frames.AddRange(sent.Count > 1 && version > range.Min ? sent[1..] : sent);
            }
        }

        return [.. frames.Where(frame => frame.Length <= FrameBytesMax)];
    }
}
