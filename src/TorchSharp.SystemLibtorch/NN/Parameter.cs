namespace TorchSharp.Modules;

/// <summary>A tensor that a module learns. Takes the native reference of the tensor it is made from, which is invalid afterwards.</summary>
public class Parameter : torch.Tensor
{
    public Parameter(torch.Tensor data, bool requires_grad = true)
        : base(data.with_requires_grad(requires_grad).MoveHandle(), register: false)
    {
        // Takes the tensor's place in its scope.
        if (data.OwningDisposeScope is { } scope && scope.Forget(data))
            scope.Add(this);
    }
}
