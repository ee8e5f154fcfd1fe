using TorchSharp.Interop;

namespace TorchSharp;

public static partial class torch
{
    public partial class Tensor
    {
        private static readonly Op ToDType = "aten::to.dtype", ToDevice = "aten::to.device", ToLayout = "aten::to.dtype_layout";
        private static readonly Op Clone = "aten::clone", Contiguous = "aten::contiguous", Copy_ = "aten::copy_", PinMemory = "aten::pin_memory";
        private static readonly Op Fill_ = "aten::fill_.Scalar", Zero_ = "aten::zero_";

        public Tensor to(ScalarType type, bool copy = false, bool disposeAfter = false, bool non_blocking = false) =>
            to_type(type, copy, disposeAfter, non_blocking);

        public Tensor to(ScalarType type, Device device, bool copy = false, bool disposeAfter = false, bool non_blocking = false) =>
            Moved(ToDevice.Call(this, InitializeDevice(device), type, non_blocking, copy), disposeAfter);

        public Tensor to(Device device, bool copy = false, bool disposeAfter = false, bool non_blocking = false) =>
            Moved(ToLayout.Call(this, default, default, InitializeDevice(device), default, non_blocking, copy), disposeAfter);

        public Tensor to(DeviceType deviceType, int deviceIndex = -1, bool copy = false, bool disposeAfter = false, bool non_blocking = false) =>
            to(new Device(deviceType, deviceIndex), copy, disposeAfter, non_blocking);

        public Tensor to(string device, bool copy = false, bool disposeAfter = false, bool non_blocking = false) =>
            to(new Device(device), copy, disposeAfter, non_blocking);

        public Tensor to(Tensor other, bool non_blocking = false) => to(other.dtype, other.device, non_blocking: non_blocking);

        public Tensor to_type(ScalarType type, bool copy = false, bool disposeAfter = false, bool non_blocking = false) =>
            Moved(ToDType.Call(this, type, non_blocking, copy), disposeAfter);

        public Tensor type(Func<Tensor, Tensor> typeFunc) => typeFunc(this);

        public Tensor type(ScalarType dtype) => to(dtype);

        public Tensor type_as(Tensor tensor) => to_type(tensor.dtype);

        public Tensor cpu() => to(CPU);

        public Tensor cuda(Device? device = null, bool non_blocking = false)
        {
            if (device is not null && device.type != DeviceType.CUDA)
                throw new ArgumentException("Not a CUDA device.", nameof(device));
            return to(device ?? CUDA, non_blocking: non_blocking);
        }

        public Tensor @bool() => to_type(ScalarType.Bool);

        public Tensor @byte() => to_type(ScalarType.Byte);

        public Tensor @char() => to_type(ScalarType.Int8);

        public Tensor @short() => to_type(ScalarType.Int16);

        public Tensor @int() => to_type(ScalarType.Int32);

        public Tensor @long() => to_type(ScalarType.Int64);

        public Tensor half() => to_type(ScalarType.Float16);

        public Tensor bfloat16() => to_type(ScalarType.BFloat16);

        public Tensor @float() => to_type(ScalarType.Float32);

        public Tensor @double() => to_type(ScalarType.Float64);

        public Tensor clone() => Clone.Call(this);

        public Tensor contiguous() => Contiguous.Call(this);

        /// <summary>Another managed tensor over the same native one.</summary>
        public Tensor alias() => Share();

        public Tensor pin_memory() => PinMemory.Call(this);

        public Tensor copy_(Tensor source, bool nonBlocking = false) => InPlace(Copy_, source, nonBlocking);

        public Tensor fill_(Scalar value) => InPlace(Fill_, value);

        /// <summary>Fills with zeros; returns another tensor over the same memory.</summary>
        public Tensor zero_() => Zero_.Call(this);

        internal bool WouldMove(ScalarType type, Device device)
        {
            var info = Info;
            return (ScalarType)info.DType != type || (DeviceType)info.DeviceType != device.type ||
                (device.index != -1 && info.DeviceIndex != device.index);
        }

        private Tensor Moved(Tensor result, bool disposeAfter)
        {
            if (disposeAfter)
                Dispose();
            return result;
        }
    }
}
