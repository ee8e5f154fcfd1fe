// Torch shares its threads: one test at a time.
[assembly: CollectionBehavior(DisableTestParallelization = true)]
