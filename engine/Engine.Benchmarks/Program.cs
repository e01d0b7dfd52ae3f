using BenchmarkDotNet.Configs;
using BenchmarkDotNet.Running;
using BenchmarkDotNet.Toolchains.InProcess.Emit;
using BenchmarkDotNet.Jobs;
using Engine.Benchmarks;

if (args is ["--check-allocations"])
{
    return AllocationCheck.Run(Console.Out) ? 0 : 1;
}

// In this process: the benchmarks are then those of this very build, and no project has to be made for them.
BenchmarkSwitcher.FromAssembly(typeof(AllocationCheck).Assembly)
    .Run(args, DefaultConfig.Instance.AddJob(Job.ShortRun.WithToolchain(InProcessEmitToolchain.Instance)));
return 0;
