using PyTorchCheckpoints;
using SafeTensorSharp;
using Tests.Shared;

namespace Importer.Tests.Golden;

/// <summary>A checkpoint of nanoGPT's train.py as a model directory: its state dict in safetensors, its model_args as config.json.</summary>
internal static class NanoGptCheckpoint
{
    public static void Write(string file, string directory)
    {
        using var checkpoint = PyTorchCheckpoint.Open(Path.Combine(Repository.Fixture("nanogpt-ckpt"), file), new CheckpointReadOptions { StateDict = "model" });
        Directory.CreateDirectory(directory);
        File.WriteAllText(Path.Combine(directory, "config.json"), checkpoint.ToJson("model_args")!.ToJsonString());
        SafeTensorWriter.Write(
            Path.Combine(directory, "model.safetensors"),
            checkpoint.StateDict.Tensors.Select(tensor => SafeTensorEntry.FromBytes(tensor.Name!, DType.F32, tensor.Shape, checkpoint.ReadBytes(tensor))));
    }
}
