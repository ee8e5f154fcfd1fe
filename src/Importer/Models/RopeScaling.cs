using System.Text.Json.Nodes;

namespace Importer.Models;

/// <summary>
/// How rotary frequencies were changed to stretch a model's context; config.json's <c>rope_scaling</c>.
/// </summary>
public abstract record RopeScaling
{
    private protected RopeScaling()
    {
    }

    /// <summary>The frequency that takes the place of one.</summary>
    internal abstract float Apply(float frequency);

    /// <summary>The object as config.json spells it.</summary>
    internal abstract JsonObject ToJson();
}
