// Live tensors, random states, thread counts and default dtypes belong to the process: tests of them run one by one.
[assembly: CollectionBehavior(DisableTestParallelization = true)]
