using TorchSharp.Interop;

namespace TorchSharp;

public static partial class torch
{
    public partial class Tensor
    {
        private static readonly Op IsPinned = "aten::is_pinned";

        public long Dimensions => Info.Dimensions;

        public long ndim => Info.Dimensions;

        public long NumberOfElements => Info.NumberOfElements;

        public long ElementSize => Info.ElementSize;

        public ScalarType dtype => (ScalarType)Info.DType;

        public DeviceType device_type => (DeviceType)Info.DeviceType;

        public int device_index => Info.DeviceIndex;

        public Device device
        {
            get
            {
                var info = Info;
                var type = (DeviceType)info.DeviceType;
                return type == DeviceType.CPU ? new Device(type) : new Device(type, info.DeviceIndex);
            }
        }

        public long[] shape => size();

        public bool is_cuda => device_type == DeviceType.CUDA;

        public bool is_meta => device_type == DeviceType.META;

        public bool is_sparse => !Info.IsStrided;

        public bool is_leaf => Info.IsLeaf;

        public long dim() => Info.Dimensions;

        public long numel() => Info.NumberOfElements;

        public long element_size() => Info.ElementSize;

        public long storage_offset() => Info.StorageOffset;

        public bool is_cpu() => device_type == DeviceType.CPU;

        public bool is_contiguous() => Info.IsContiguous;

        public bool is_pinned() => IsPinned.CallValue(this).Bits != 0;

        public bool is_integral() => torch.is_integral(dtype);

        public bool is_floating_point() => torch.is_floating_point(dtype);

        public bool is_complex() => torch.is_complex(dtype);

        public bool is_quantized() => torch.is_quantized(dtype);

        public long[] size()
        {
            var sizes = Info.Sizes.ToArray();
            GC.KeepAlive(this);
            return sizes;
        }

        public long size(int dim)
        {
            var info = Info;
            long size = info.Sizes[WrapDimension(dim, info.Dimensions)];
            GC.KeepAlive(this);
            return size;
        }

        public long[] stride()
        {
            var strides = Info.Strides.ToArray();
            GC.KeepAlive(this);
            return strides;
        }

        public long stride(int dim)
        {
            var info = Info;
            long stride = info.Strides[WrapDimension(dim, info.Dimensions)];
            GC.KeepAlive(this);
            return stride;
        }

        private static int WrapDimension(int dim, long dimensions)
        {
            if (dim < -dimensions || dim >= dimensions)
            {
                throw new System.Runtime.InteropServices.ExternalException(
                    $"Dimension out of range (expected to be in range of [{-dimensions}, {dimensions - 1}], but got {dim})");
            }
            return dim < 0 ? dim + (int)dimensions : dim;
        }
    }
}
