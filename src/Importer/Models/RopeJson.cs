namespace Importer.Models;

/// <summary>Reads what config.json says of rotary embeddings, in the spelling of transformers 4 or 5.</summary>
internal static class RopeJson
{
    /// <summary>The base of the wavelengths, the part of a head that is rotated, and how wavelengths were stretched; null where nothing is said.</summary>
    /// <param name="config">The configuration.</param>
    /// <param name="modelClass">The model class, for messages.</param>
    /// <exception cref="ModelConfigException">The scaling is of a kind that is not computed, or lacks a value.</exception>
    public static (double? Theta, double? Part, RopeScaling? Scaling) Read(ConfigJson config, string modelClass)
    {
        // transformers 5 has rope_parameters, with the base among them, where 4 has rope_scaling beside rope_theta.
        var old = config.Object("rope_scaling");
        var recent = config.Object("rope_parameters");
        if (old is not null && recent is not null)
        {
            throw config.Error("rope_parameters", "rope_parameters and rope_scaling are both there", "Keep the one that the model was trained with.");
        }

        double? theta = config.Number("rope_theta") ?? recent?.Number("rope_theta");
        double? part = config.Number("partial_rotary_factor") ?? recent?.Number("partial_rotary_factor");
        return (theta, part, (old ?? recent) is { } scaling ? ReadScaling(scaling, modelClass) : null);
    }

    private static RopeScaling? ReadScaling(ConfigJson scaling, string modelClass)
    {
        string type = scaling.Text("rope_type") ?? scaling.Text("type") ?? "default";
        return type switch
        {
            "default" when !scaling.Has("factor") => null,
            "linear" => new LinearRopeScaling(Factor(scaling, "factor")),
            "llama3" => new Llama3RopeScaling(
                Factor(scaling, "factor"), Factor(scaling, "low_freq_factor"), Factor(scaling, "high_freq_factor"),
                scaling.Count("original_max_position_embeddings")),
            _ => throw scaling.Error(
                "rope_type", $"the rotary embedding is scaled by {ConfigJson.Shorten(type)}, which {modelClass} does not compute",
                "It computes linear and llama3; another kind would give other numbers, so it is not guessed."),
        };
    }

    private static double Factor(ConfigJson scaling, string name) => scaling.RequiredNumber(name) is > 0 and var factor
        ? factor
        : throw scaling.Error(name, $"{name} is not above zero", "Take the config.json that belongs to these weights.");
}
