using TorchSharp.Modules;

namespace Importer.Models.Layers;

/// <summary>
/// Hands a module its parameters while it is built. The module says which parameter it needs; whoever builds the model
/// decides where its memory is: fresh and random, about to be filled from a file, or mapped from one.
/// </summary>
internal readonly struct ParameterScope
{
    private readonly Func<string, long[], Parameter> _create;
    private readonly string _prefix;

    /// <summary>The scope of the model itself.</summary>
    /// <param name="create">Makes the parameter of a full name and a shape.</param>
    public ParameterScope(Func<string, long[], Parameter> create)
        : this(create, "")
    {
    }

    private ParameterScope(Func<string, long[], Parameter> create, string prefix)
    {
        _create = create;
        _prefix = prefix;
    }

    /// <summary>The scope of a submodule.</summary>
    public ParameterScope this[string submodule] => new(_create, $"{_prefix}{submodule}.");

    /// <summary>The parameter of this module that has the name and the shape.</summary>
    public Parameter Create(string name, params long[] shape) => _create(_prefix + name, shape);
}
