using System.Text.Json.Nodes;

namespace Importer.Models;

/// <summary>Position interpolation (Chen et al. 2023, arXiv 2306.15595), <c>linear</c>: positions are divided by a factor.</summary>
/// <param name="Factor">What positions are divided by; at least 1.</param>
public sealed record LinearRopeScaling(double Factor) : RopeScaling
{
    internal override float Apply(float frequency) => frequency / (float)Factor;

    internal override JsonObject ToJson() => new() { ["rope_type"] = "linear", ["factor"] = Factor };
}
