using TorchSharp.Interop;
using TorchSharp.Utils;
using static TorchSharp.Interop.NativeMethods;

namespace TorchSharp;

public static partial class torch
{
    public partial class Tensor
    {
        private static readonly Op Item = "aten::item", IsNonzero = "aten::is_nonzero", SetTo = "aten::set_.source_Tensor";

        /// <summary>
        /// The tensor's memory. Tensors on the CPU that are contiguous and at most 2 GiB; valid while the tensor lives.
        /// </summary>
        public unsafe Span<byte> bytes
        {
            get
            {
                int length = (int)ContiguousBytes(int.MaxValue);
                return new Span<byte>((void*)DataPointer, length);
            }
            set
            {
                if (!is_contiguous())
                    throw new InvalidOperationException("SetBytes() called on non-contiguous tensor.");
                if (value.Length != NumberOfElements * ElementSize)
                    throw new ArgumentException("Mismatched data sizes in SetBytes().");
                value.CopyTo(bytes);
                GC.KeepAlive(this);
            }
        }

        /// <summary>The first element's address.</summary>
        internal unsafe nint DataPointer
        {
            get
            {
                nint data;
                NativeError.Check(ts_tensor_data(Handle, &data), "data_ptr");
                GC.KeepAlive(this);
                return data;
            }
        }

        public TensorAccessor<T> data<T>()
            where T : unmanaged
        {
            ValidateType(typeof(T));
            return new TensorAccessor<T>(device_type == DeviceType.CPU ? this : cpu());
        }

        public Storage<T> storage<T>()
            where T : unmanaged => Storage.Create<T>(this);

        public T item<T>()
            where T : unmanaged
        {
            if (NumberOfElements != 1)
                throw new ArgumentException("Number of elements in the tensor must be 1");
            ValidateType(typeof(T));
            if (device_type != DeviceType.CPU)
            {
                using var copy = cpu();
                return copy.item<T>();
            }
            using var accessor = new TensorAccessor<T>(this);
            return accessor[0];
        }

        public Scalar ToScalar() => new(Item.CallValue(this));

        public bool is_nonzero()
        {
            if (NumberOfElements != 1)
                throw new InvalidOperationException("is_nonzero() called on non-singleton tensor");
            return IsNonzero.CallValue(this).Bits != 0;
        }

        public double ReadCpuDouble(long i) => TensorAccessor<double>.ReadItemAt(this, i);

        public float ReadCpuSingle(long i) => TensorAccessor<float>.ReadItemAt(this, i);

        public int ReadCpuInt32(long i) => TensorAccessor<int>.ReadItemAt(this, i);

        public long ReadCpuInt64(long i) => TensorAccessor<long>.ReadItemAt(this, i);

        public byte ReadCpuByte(long i) => TensorAccessor<byte>.ReadItemAt(this, i);

        public sbyte ReadCpuSByte(long i) => TensorAccessor<sbyte>.ReadItemAt(this, i);

        public short ReadCpuInt16(long i) => TensorAccessor<short>.ReadItemAt(this, i);

        public bool ReadCpuBool(long i) => TensorAccessor<bool>.ReadItemAt(this, i);

        public float ReadCpuFloat16(long i) => (float)TensorAccessor<Half>.ReadItemAt(this, i);

        public float ReadCpuBFloat16(long i) => TensorAccessor<BFloat16>.ReadItemAt(this, i).ToSingle();

        public T ReadCpuValue<T>(long i)
            where T : unmanaged => TensorAccessor<T>.ReadItemAt(this, i);

        /// <summary>Writes the elements' bytes, row by row; the tensor must be contiguous and on the CPU.</summary>
        public unsafe void WriteBytesToStream(Stream stream, int bufferSize = 1024)
        {
            long left = ContiguousBytes(long.MaxValue);
            var next = (byte*)DataPointer;
            for (; left > 0; left -= NextCount(left, bufferSize), next += bufferSize)
                stream.Write(new ReadOnlySpan<byte>(next, NextCount(left, bufferSize)));
            GC.KeepAlive(this);
        }

        /// <summary>Fills the tensor from a stream; it must be contiguous and on the CPU.</summary>
        public unsafe void ReadBytesFromStream(Stream stream, int bufferSize = 1024)
        {
            long left = ContiguousBytes(long.MaxValue);
            var next = (byte*)DataPointer;
            while (left > 0)
            {
                int read = stream.Read(new Span<byte>(next, NextCount(left, bufferSize)));
                if (read == 0)
                    throw new EndOfStreamException();
                next += read;
                left -= read;
            }
            GC.KeepAlive(this);
        }

        /// <summary>Makes this tensor share the storage, shape and strides of another.</summary>
        public Tensor set_(Tensor source)
        {
            SetTo.Run(this, source);
            return this;
        }

        public bool Equals(Tensor target) => target is not null && Equal.CallValue(this, target).Bits != 0;

        internal void ValidateType(Type type)
        {
            var dtype = this.dtype;
            var expected = dtype switch
            {
                ScalarType.Byte => typeof(byte),
                ScalarType.Int8 => typeof(sbyte),
                ScalarType.Int16 => typeof(short),
                ScalarType.Int32 => typeof(int),
                ScalarType.Int64 => typeof(long),
                ScalarType.Bool => typeof(bool),
                ScalarType.BFloat16 => typeof(BFloat16),
                ScalarType.Float16 => typeof(Half),
                ScalarType.Float32 => typeof(float),
                ScalarType.Float64 => typeof(double),
                ScalarType.ComplexFloat32 => typeof((float, float)),
                ScalarType.ComplexFloat64 => typeof(System.Numerics.Complex),
                _ => type,
            };
            if (type != expected)
                throw new ArgumentException($"{type.Name} is not compatible with {dtype}");
        }

        private static int NextCount(long left, int bufferSize) => (int)Math.Min(left, bufferSize);

        private long ContiguousBytes(long limit)
        {
            var info = Info;
            if (!info.IsContiguous)
                throw new InvalidOperationException("Bytes() called on non-contiguous tensor.");
            long length = info.NumberOfElements * info.ElementSize;
            if (length > limit)
                throw new ArgumentException("Span only supports up to int.MaxValue elements.");
            if ((DeviceType)info.DeviceType != DeviceType.CPU)
            {
                throw new InvalidOperationException(
                    "Reading data from non-CPU memory is not supported. Move or copy the tensor to the cpu before reading.");
            }
            return length;
        }
    }
}
