using System.Text.Json.Nodes;

namespace Importer.Models;

/// <summary>
/// The scaling of Llama 3.1 and later, <c>llama3</c>, as transformers' <c>modeling_rope_utils</c> computes it: long wavelengths
/// are stretched by a factor, short ones kept, those between interpolated.
/// </summary>
/// <param name="Factor">What long wavelengths are stretched by; at least 1.</param>
/// <param name="LowFrequencyFactor">Wavelengths above the original context divided by this are stretched.</param>
/// <param name="HighFrequencyFactor">Wavelengths below the original context divided by this are kept.</param>
/// <param name="OriginalBlockSize">The context that the model was first trained with, in tokens.</param>
public sealed record Llama3RopeScaling(double Factor, double LowFrequencyFactor, double HighFrequencyFactor, int OriginalBlockSize) : RopeScaling
{
    internal override float Apply(float frequency)
    {
        double wavelength = 2 * Math.PI / frequency;
        if (wavelength < OriginalBlockSize / HighFrequencyFactor)
        {
            return frequency;
        }

        if (wavelength > OriginalBlockSize / LowFrequencyFactor)
        {
            return frequency / (float)Factor;
        }

        double smooth = (OriginalBlockSize / wavelength - LowFrequencyFactor) / (HighFrequencyFactor - LowFrequencyFactor);
        return (float)((1 - smooth) * frequency / Factor + smooth * frequency);
    }

    internal override JsonObject ToJson() => new()
    {
        ["rope_type"] = "llama3",
        ["factor"] = Factor,
        ["low_freq_factor"] = LowFrequencyFactor,
        ["high_freq_factor"] = HighFrequencyFactor,
        ["original_max_position_embeddings"] = OriginalBlockSize,
    };
}
