using System.Text.Json.Nodes;

namespace CheckpointStorage.Tests;

/// <summary>Checkpoints whose content follows from their step.</summary>
internal static class Sample
{
    public static byte[] Weights(long step, int length = 3000)
    {
        byte[] bytes = new byte[length];
        new Random((int)step).NextBytes(bytes);
        return bytes;
    }

    public static CheckpointContent Content(long step, double? metric = null, int length = 3000, string config = "small", double? epoch = null) => new()
    {
        Step = step,
        Metric = metric,
        Epoch = epoch,
        Configuration = new Dictionary<string, string> { ["n_layer"] = config },
        Metadata = new JsonObject { ["tokens_seen"] = step * 1000 },
        Files = [CheckpointFile.FromBytes("model.safetensors", Weights(step, length)), CheckpointFile.FromText("trainer.json", $"{{\"step\":{step}}}")],
    };

    public static async Task<CheckpointInfo> SaveAsync(this CheckpointStore store, long step, double? metric = null) =>
        (await store.SaveAsync(Content(step, metric))).Checkpoint;

    public static void AssertIs(CheckpointStore store, CheckpointInfo info, int length = 3000)
    {
        Assert.Equal(Weights(info.Step, length), store.ReadAllBytes(info, "model.safetensors"));
        Assert.Equal($"{{\"step\":{info.Step}}}", System.Text.Encoding.UTF8.GetString(store.ReadAllBytes(info, "trainer.json")));
    }
}
