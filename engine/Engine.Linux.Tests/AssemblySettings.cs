// A child process that one test starts holds, until it runs its program, every descriptor that another test believes closed.
[assembly: CollectionBehavior(DisableTestParallelization = true)]
