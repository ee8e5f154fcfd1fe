using TorchSharp.Modules;

namespace Importer.Training.Optimization;

/// <summary>Parameters that share a weight decay.</summary>
/// <param name="Parameters">The parameters by name, in the model's order.</param>
/// <param name="WeightDecay">What each parameter loses per update, as a part of the learning rate.</param>
public sealed record ParameterGroup(IReadOnlyList<(string Name, Parameter Parameter)> Parameters, double WeightDecay)
{
    /// <summary>
    /// nanoGPT's two groups: what has two dimensions or more (matrices and embeddings) decays, what has one (biases and norms)
    /// does not. <c>configure_optimizers</c> in its model.py.
    /// </summary>
    /// <param name="parameters">The model's named parameters.</param>
    /// <param name="weightDecay">The decay of the first group.</param>
    /// <returns>The decayed group and the other; torch's optimizer numbers its state over both in this order.</returns>
    public static IReadOnlyList<ParameterGroup> ByDimension(IEnumerable<(string Name, Parameter Parameter)> parameters, double weightDecay)
    {
        ArgumentNullException.ThrowIfNull(parameters);
        ArgumentOutOfRangeException.ThrowIfNegative(weightDecay);
        var trained = parameters.Where(parameter => parameter.Parameter.requires_grad).ToList();
        return
        [
            new([.. trained.Where(parameter => parameter.Parameter.dim() >= 2)], weightDecay),
            new([.. trained.Where(parameter => parameter.Parameter.dim() < 2)], 0),
        ];
    }
}
