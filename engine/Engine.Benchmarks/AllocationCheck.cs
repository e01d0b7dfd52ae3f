using System.Reflection;
using BenchmarkDotNet.Attributes;

namespace Engine.Benchmarks;

/// <summary>
/// Runs every benchmark's method for a moment and compares what it allocates with its limit. Not BenchmarkDotNet's own runs: those
/// build a program for each job and take minutes, and bytes need no statistics. What is counted is exact to the byte; a collection
/// that something else caused may book the rest of a thread's quantum to a path, so the least of several passes holds.
/// </summary>
internal static class AllocationCheck
{
    private const int WarmUpOperations = 2000;
    private const int Operations = 1000;
    private const int Passes = 3;

    /// <summary>True when every path keeps its limit. A line for each.</summary>
    internal static bool Run(TextWriter output)
    {
        MethodInfo[] paths = [.. typeof(AllocationCheck).Assembly.GetTypes()
            .SelectMany(type => type.GetMethods())
            .Where(method => method.IsDefined(typeof(BenchmarkAttribute)))
            .OrderBy(method => $"{method.DeclaringType!.Name}.{method.Name}", StringComparer.Ordinal)];
        bool kept = paths.Length > 0;
        foreach (MethodInfo path in paths)
        {
            string name = $"{path.DeclaringType!.Name}.{path.Name}";
            if (path.GetCustomAttribute<AllocationLimitAttribute>() is not AllocationLimitAttribute limit)
            {
                output.WriteLine($"FAILED  {name}: has no allocation limit");
                kept = false;
                continue;
            }

            double bytes = Measure(path);
            bool keeps = bytes <= limit.Bytes;
            output.WriteLine(FormattableString.Invariant($"{(keeps ? "ok" : "FAILED"),-7} {name}: {bytes:0.##} B an operation, at most {limit.Bytes}"));
            kept &= keeps;
        }

        return kept;
    }

    private static double Measure(MethodInfo path)
    {
        object target = Activator.CreateInstance(path.DeclaringType!)!;
        Call<GlobalSetupAttribute>(target);
        try
        {
            Func<long> operation = path.CreateDelegate<Func<long>>(target);
            Repeat(operation, WarmUpOperations);
            long least = long.MaxValue;
            for (int pass = 0; pass < Passes; pass++)
            {
                least = Math.Min(least, Repeat(operation, Operations));
            }

            return (double)least / Operations;
        }
        finally
        {
            Call<GlobalCleanupAttribute>(target);
        }
    }

    /// <summary>Bytes that this thread allocated meanwhile.</summary>
    private static long Repeat(Func<long> operation, int count)
    {
        long before = GC.GetAllocatedBytesForCurrentThread();
        for (int i = 0; i < count; i++)
        {
            operation();
        }

        return GC.GetAllocatedBytesForCurrentThread() - before;
    }

    private static void Call<TAttribute>(object target)
        where TAttribute : Attribute
    {
        foreach (MethodInfo method in target.GetType().GetMethods().Where(method => method.IsDefined(typeof(TAttribute))))
        {
            method.Invoke(target, null);
        }
    }
}
