using System.Globalization;
using CheckpointStorage;

// Works on a store and prints what came of it: save DIR STEP LENGTH | backup DIR | recover DIR | hold DIR | fill DIR LENGTH.
static byte[] Weights(long step, int length)
{
    byte[] bytes = new byte[length];
    new Random((int)step).NextBytes(bytes);
    return bytes;
}

static CheckpointContent Content(long step, int length) => new()
{
    Step = step,
    Metric = 1.0 / (step + 1),
    Configuration = new Dictionary<string, string> { ["n_layer"] = "small" },
    Files = [CheckpointFile.FromBytes("model.safetensors", Weights(step, length)), CheckpointFile.FromText("trainer.json", $"{{\"step\":{step}}}")],
};

int Number(int index) => int.Parse(args[index], CultureInfo.InvariantCulture);

try
{
    var retention = args[0] == "fill" ? new RetentionPolicy { KeepLast = null } : new RetentionPolicy { KeepLast = 2, KeepBest = 1 };
    using var store = CheckpointStore.Open(args[1], new() { Retention = retention });
    switch (args[0])
    {
        case "save":
            CheckpointSaveResult result = await store.SaveAsync(Content(Number(2), Number(3)));
            Console.WriteLine($"ok {result.Checkpoint.Id} {result.Warnings.Count}");
            break;
        case "backup":
            Console.WriteLine($"ok {(await store.BackupAsync(store.Resolve("latest"))).Id}");
            break;
        case "recover":
            Console.WriteLine($"ok {(await store.FindNewestValidAsync()).Checkpoint?.Id}");
            break;
        case "hold":
            Console.WriteLine($"holding {Environment.ProcessId}");
            Console.In.ReadLine();
            break;
        case "fill":
            return await FillAsync(store);
    }

    return 0;
}
catch (CheckpointException error)
{
    Console.WriteLine($"error {error.GetType().Name} {error.Message}");
    return 1;
}

// Saves until the disk is full, looks at what is left, makes room and goes on.
async Task<int> FillAsync(CheckpointStore store)
{
    int saved = 0;
    bool full = false;
    while (!full)
    {
        try
        {
            await store.SaveAsync(Content(saved + 1, Number(2)));
            saved++;
        }
        catch (CheckpointSaveException error) when (error.IsDiskFull)
        {
            full = true;
        }
    }

    int intact = 0;
    foreach (CheckpointInfo info in store.List())
    {
        intact += (await store.VerifyAsync(info)).Count == 0 ? 1 : 0;
    }

    int leftovers = Directory.EnumerateFileSystemEntries(store.Directory).Count(path => Path.GetFileName(path).StartsWith(".t", StringComparison.Ordinal));
    long newest = (await store.FindNewestValidAsync()).Checkpoint!.Step;
    bool warned = false;
    try
    {
        store.CheckDiskSpace(Number(2));
    }
    catch (InsufficientDiskSpaceException)
    {
        warned = true;
    }

    store.Remove(store.List()[^1]);
    CheckpointSaveResult after = await store.SaveAsync(Content(saved + 1, Number(2)));
    Console.WriteLine($"saved {saved} intact {intact} leftovers {leftovers} newest {newest} warned {warned} then {after.Checkpoint.Step}");
    return 0;
}
