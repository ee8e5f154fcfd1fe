namespace TorchSharp;

internal enum TensorIndexKind
{
    None,
    Single,
    Ellipsis,
    Bool,
    Tensor,
    Slice,
}
