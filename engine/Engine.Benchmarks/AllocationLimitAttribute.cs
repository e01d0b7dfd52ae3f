namespace Engine.Benchmarks;

/// <summary>The most that one operation of a hot path may allocate once it is warm. Every benchmark has one.</summary>
[AttributeUsage(AttributeTargets.Method)]
internal sealed class AllocationLimitAttribute(int bytes) : Attribute
{
    public int Bytes => bytes;
}
