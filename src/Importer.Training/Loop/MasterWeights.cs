using Importer.Models;
using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace Importer.Training;

/// <summary>
/// The weights that are trained. In f32 they are the model's own. In bf16 the model becomes a copy to compute with, made anew
/// after each update, and these are in f32, as are their gradients and moments: 18 bytes per parameter instead of 16, and two more
/// while a backward pass runs, for activations of half the size.
/// </summary>
internal sealed class MasterWeights : IDisposable
{
    private readonly List<(Parameter Working, Parameter Master)> _copies = [];

    public MasterWeights(PretrainedModel model, ScalarType computation)
    {
        var parameters = model.named_parameters().ToList();
        if (parameters.Find(p => p.parameter.dtype is not (ScalarType.Float32 or ScalarType.Float64)) is { parameter: { } narrow })
        {
            throw new ArgumentException($"The model's parameters are {narrow.dtype}; training starts from f32. Load it with DType Float32.", nameof(model));
        }

        if (computation == ScalarType.Float32)
        {
            Parameters = parameters;
            return;
        }

        // The master takes the model's memory over: it is held by the alias when the model lets go of it.
        var masters = parameters.Select(p => (p.name, new Parameter(p.parameter.detach(), p.parameter.requires_grad))).ToList();
        masters.ForEach(master => master.Item2.DetachFromDisposeScope());
        model.to(computation);
        Parameters = masters;
        _copies.AddRange(model.named_parameters().Zip(masters, (working, master) => (working.parameter, master.Item2)));
    }

    /// <summary>The weights by name, in the model's order.</summary>
    public IReadOnlyList<(string Name, Parameter Parameter)> Parameters { get; }

    /// <summary>Moves the gradients of a backward pass to the weights that are trained, where they are other ones.</summary>
    public void TakeGradients()
    {
        using var mode = no_grad();
        foreach (var (working, master) in _copies)
        {
            using var scope = NewDisposeScope();
            if (working.grad is not { } gradient)
            {
                continue;
            }

            working.grad = null;
            if (master.grad is { } sum)
            {
                sum.add_(gradient);
            }
            else
            {
                master.grad = gradient.to(master.dtype);
            }
        }
    }

    /// <summary>Makes the copies anew, after the weights have changed.</summary>
    public void Refresh()
    {
        using var mode = no_grad();
        foreach (var (working, master) in _copies)
        {
            working.copy_(master);
        }
    }

    public void Dispose()
    {
        foreach (var (_, master) in _copies)
        {
            master.Dispose();
        }
    }
}
