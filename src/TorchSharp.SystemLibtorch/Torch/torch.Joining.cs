using TorchSharp.Interop;

namespace TorchSharp;

public static partial class torch
{
    private static readonly Op Cat = "aten::cat", Stack = "aten::stack", Hstack = "aten::hstack", Vstack = "aten::vstack";
    private static readonly Op WhereNonzero = "aten::where";

    public static Tensor cat(IList<Tensor> tensors, long dim = 0) => Cat.Call(tensors as Tensor[] ?? [.. tensors], dim);

    public static Tensor cat(Tensor[] tensors, long dim = 0) => Cat.Call(tensors, dim);

    public static Tensor cat(ReadOnlySpan<Tensor> tensors, long dim = 0) => Cat.Call(tensors.ToArray(), dim);

    public static Tensor concat(IList<Tensor> tensors, long dim = 0) => cat(tensors, dim);

    public static Tensor concat(Tensor[] tensors, long dim = 0) => cat(tensors, dim);

    public static Tensor stack(IEnumerable<Tensor> tensors, long dim = 0) => Stack.Call(tensors as Tensor[] ?? [.. tensors], dim);

    public static Tensor hstack(params Tensor[] tensors) => Hstack.Call(tensors);

    public static Tensor vstack(Tensor[] tensors) => Vstack.Call(tensors);

    /// <summary>x where the condition holds, else y.</summary>
    public static Tensor where(Tensor condition, Tensor x, Tensor y) => x.where(condition, y);

    /// <summary>The indices of what is not zero, one tensor for each dimension.</summary>
    public static Tensor[] where(Tensor condition)
    {
        if (condition.dtype != ScalarType.Bool)
            throw new ArgumentException("The condition to 'where' must be a boolean tensor.");
        return WhereNonzero.CallList(condition);
    }
}
