using TorchSharp.Interop;
using static TorchSharp.Interop.NativeMethods;

namespace TorchSharp;

public static partial class torch
{
    public partial class Tensor
    {
        private static readonly Op Detach = "aten::detach", Detach_ = "aten::detach_";

        public bool requires_grad
        {
            get => Info.RequiresGrad;
            set
            {
                NativeError.Check(ts_set_requires_grad(Handle, value ? 1 : 0), nameof(requires_grad));
                GC.KeepAlive(this);
            }
        }

        /// <summary>The accumulated gradient, each time as a new managed tensor; null if there is none.</summary>
        public unsafe Tensor? grad
        {
            get
            {
                nint grad;
                NativeError.Check(ts_grad_get(Handle, &grad), nameof(grad));
                GC.KeepAlive(this);
                return grad == 0 ? null : new Tensor(grad);
            }
            set
            {
                NativeError.Check(ts_grad_set(Handle, value?.Handle ?? 0), nameof(grad));
                GC.KeepAlive(value);
                GC.KeepAlive(this);
            }
        }

        public Tensor requires_grad_(bool requires_grad = true)
        {
            this.requires_grad = requires_grad;
            return this;
        }

        public Tensor with_requires_grad(bool requires_grad = true) => requires_grad_(requires_grad);

        public void retain_grad()
        {
            NativeError.Check(ts_retain_grad(Handle), nameof(retain_grad));
            GC.KeepAlive(this);
        }

        public Tensor detach() => Detach.Call(this);

        public Tensor detach_() => InPlace(Detach_);

        public void backward() => autograd.backward([this]);

        public void backward(IList<Tensor>? grad_tensors = null, bool retain_graph = false, bool create_graph = false, IList<Tensor>? inputs = null) =>
            autograd.backward([this], grad_tensors, retain_graph, create_graph, inputs);
    }
}
