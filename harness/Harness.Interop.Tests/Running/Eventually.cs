using System.Diagnostics;

namespace Harness.Interop.Tests.Running;

/// <summary>Waits for what will come, however slow the machine is just now.</summary>
internal static class Eventually
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(90);
    private static readonly TimeSpan Interval = TimeSpan.FromMilliseconds(50);

    /// <param name="explain">What was waited for, and how things stand.</param>
    public static async Task HoldsAsync(Func<bool> condition, Func<string> explain, CancellationToken cancellation)
    {
        Stopwatch watch = Stopwatch.StartNew();
        while (!condition())
        {
            if (watch.Elapsed > Limit)
            {
                Assert.Fail($"within {Limit.TotalSeconds:0} s: {explain()}");
            }

            await Task.Delay(Interval, cancellation);
        }
    }
}
