using TorchSharp.Interop;

namespace TorchSharp;

public static partial class torch
{
    private static readonly Op Arange = "aten::arange.start_step", Linspace = "aten::linspace", Eye = "aten::eye.m";

    public static Tensor arange(Scalar stop, ScalarType? dtype = null, Device? device = null, bool requires_grad = false) =>
        arange(0, stop, 1, dtype, device, requires_grad);

    public static Tensor arange(Scalar start, Scalar stop, ScalarType? dtype = null, Device? device = null, bool requires_grad = false) =>
        arange(start, stop, 1, dtype, device, requires_grad);

    /// <summary>The numbers from start up to stop; Int64 if all three are whole, else the default dtype.</summary>
    public static Tensor arange(
        Scalar start, Scalar stop, Scalar step, ScalarType? dtype = null, Device? device = null, bool requires_grad = false)
    {
        bool whole = is_integral(start.Type) && is_integral(stop.Type) && is_integral(step.Type);
        var type = dtype ?? (whole ? ScalarType.Int64 : get_default_dtype());
        return WithGrad(Arange.Create(start, stop, step, type, default, InitializeDevice(device)), requires_grad);
    }

    public static Tensor linspace(
        double start, double end, long steps, ScalarType? dtype = null, Device? device = null, bool requires_grad = false) =>
        WithGrad(Linspace.Create(start, end, steps, dtype ?? get_default_dtype(), default, InitializeDevice(device)), requires_grad);

    public static Tensor eye(
        long rows, long columns = -1L, ScalarType? dtype = null, Device? device = null, bool requires_grad = false, string[]? names = null)
    {
        WithoutNames(names);
        var result = Eye.Create(rows, columns == -1 ? rows : columns, dtype ?? get_default_dtype(), default, InitializeDevice(device));
        return WithGrad(result, requires_grad);
    }
}
