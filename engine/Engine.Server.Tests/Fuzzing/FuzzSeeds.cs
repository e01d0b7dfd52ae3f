using System.Net;
using Engine.Wire;

namespace Engine.Server.Tests.Fuzzing;

/// <summary>Valid frames of every API in every version that is served: those of the sound exchanges of <see cref="ApiCases"/>.</summary>
internal static class FuzzSeeds
{
    private const int FrameBytesMax = 64 * 1024;

    public static IReadOnlyList<byte[]> Record(IPEndPoint engine)
    {
        List<byte[]> frames = [];
        foreach (ApiRange range in Apis.Served)
        {
            for (short version = range.Min; version <= range.Max; version++)
            {
                using TestClient client = new(engine) { Sending = frames.Add };
                ApiCases.All[range.Key](client, $"{range.Key}-{version}", version);
            }
        }

        return [.. frames.Where(frame => frame.Length <= FrameBytesMax)];
    }
}
