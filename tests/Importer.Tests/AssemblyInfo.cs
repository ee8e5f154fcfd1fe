// Live tensors are counted for the whole process, and torch shares its threads: one test at a time.
[assembly: CollectionBehavior(DisableTestParallelization = true)]
