using Importer.Loading;
using Importer.Models;
using Importer.Models.Gpt;
using Importer.Models.Layers;
using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace Importer.Training;

/// <summary>Models that were not loaded: for training from scratch, and for a state to be read into.</summary>
public static class ScratchModel
{
    private const double Deviation = 0.02;

    /// <summary>
    /// A GPT-2 with nanoGPT's first weights (model.py, <c>_init_weights</c>): matrices and embeddings N(0, 0.02), those that end a
    /// residual branch N(0, 0.02 / √(2 · layers)), biases 0, norms 1.
    /// </summary>
    /// <param name="config">The shape and the mathematics.</param>
    /// <param name="seed">The seed.</param>
    /// <param name="device">Where the model goes; null for the CPU. The numbers are the same everywhere.</param>
    /// <param name="nanogptCompat">
    /// Draws as nanoGPT does, the numbers that it draws and then overwrites included, so that the weights, and all that is drawn
    /// from torch's generator after them, are the same ones.
    /// </param>
    /// <returns>The model, in training mode; the caller's. torch's generator on the CPU is left where the last draw was.</returns>
    public static GptModel Create(GptConfig config, long seed, Device? device = null, bool nanogptCompat = false)
    {
        ArgumentNullException.ThrowIfNull(config);
        config.Validate();
        var model = (GptModel)Empty(config, CPU);
        using (no_grad())
        using (random.manual_seed(seed))
        {
            if (nanogptCompat)
            {
                DrawDefaults(model);
            }

            Initialize(model, config.LayerCount, nanogptCompat);
        }

        model.train();
        return device is null || device.type == DeviceType.CPU ? model : model.to(device);
    }

    /// <summary>A model of any family whose weights are still to be written, in f32.</summary>
    internal static PretrainedModel Empty(ModelConfig config, Device device)
    {
        var family = ModelFamily.Find(config.ModelType) ?? throw new ArgumentException($"There is no model for {config.ModelType}.", nameof(config));
        return family.Build(config, new ParameterScope((_, shape) =>
        {
            var memory = empty(shape, dtype: ScalarType.Float32, device: device);
            if (device.type == DeviceType.CPU && memory.numel() > 0)
            {
                HugePages.Advise(ParameterMemory.Address(memory), memory.numel() * sizeof(float));
            }

            var parameter = new Parameter(memory);
            parameter.DetachFromDisposeScope();
            return parameter;
        }));
    }

    // What torch's Embedding and Linear draw when they are made, in nanoGPT's order of making them.
    private static void DrawDefaults(GptModel model)
    {
        foreach (var (name, parameter) in model.named_parameters())
        {
            if (name.Contains(".ln_", StringComparison.Ordinal))
            {
                continue;
            }

            if (name.EndsWith("wte.weight", StringComparison.Ordinal) || name.EndsWith("wpe.weight", StringComparison.Ordinal))
            {
                parameter.normal_();
            }
            else
            {
                parameter.uniform_(0, 1);
            }
        }

        if (model.Config.TieWordEmbeddings)
        {
            // The head is made, and drawn, before it becomes the embedding.
            model.HeadWeight.uniform_(0, 1);
        }
    }

    private static void Initialize(GptModel model, int layers, bool drawTiedTwice)
    {
        var parameters = model.named_parameters().ToList();
        foreach (var (_, parameter) in parameters)
        {
            if (parameter.dim() >= 2)
            {
                parameter.normal_(0, Deviation);
            }
        }

        if (drawTiedTwice && model.Config.TieWordEmbeddings)
        {
            model.HeadWeight.normal_(0, Deviation);
        }

        foreach (var (name, parameter) in parameters)
        {
            if (name.EndsWith("c_proj.weight", StringComparison.Ordinal))
            {
                parameter.normal_(0, Deviation / Math.Sqrt(2.0 * layers));
            }
            else if (parameter.dim() < 2)
            {
                parameter.fill_(name.EndsWith("weight", StringComparison.Ordinal) ? 1 : 0);
            }
        }
    }
}
