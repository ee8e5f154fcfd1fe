using TorchSharp.Interop;
using static TorchSharp.Interop.NativeMethods;

namespace TorchSharp;

public static partial class torch
{
    /// <summary>The memory behind a tensor, which views of it share.</summary>
    public abstract class Storage
    {
        protected torch.Tensor _tensor;
        protected nint _tensor_data_ptr;

        private protected Storage(Tensor tensor)
        {
            _tensor = tensor;
            data_ptr();
        }

        public abstract int element_size();

        /// <summary>The first byte's address; valid while the storage's tensor lives.</summary>
        public nint data_ptr()
        {
            if (_tensor_data_ptr == 0)
                _tensor_data_ptr = Query().Data;
            return _tensor_data_ptr;
        }

        public ulong nbytes() => Query().Bytes;

        internal static Storage<T> Create<T>(Tensor tensor)
            where T : unmanaged
        {
            if (typeof(T) == typeof(byte))
                return new Storage<T>(tensor.@byte());
            if (typeof(T) == typeof(bool))
                return new Storage<T>(tensor.@bool());
            if (typeof(T) == typeof(int))
                return new Storage<T>(tensor.@int());
            if (typeof(T) == typeof(long))
                return new Storage<T>(tensor.@long());
            if (typeof(T) == typeof(float))
                return new Storage<T>(tensor.@float());
            if (typeof(T) == typeof(double))
                return new Storage<T>(tensor.@double());
            throw new NotSupportedException($"There is no storage of {typeof(T).Name}.");
        }

        private unsafe (nint Data, ulong Bytes) Query()
        {
            nint data;
            ulong bytes;
            NativeError.Check(ts_tensor_storage(_tensor.Handle, &data, &bytes), nameof(Storage));
            GC.KeepAlive(_tensor);
            return (data, bytes);
        }
    }

    /// <summary>The memory behind a tensor, as elements. A tensor of another dtype is converted, and so copied, first.</summary>
    public sealed unsafe class Storage<T> : Storage, IDisposable
        where T : unmanaged
    {
        internal Storage(Tensor tensor)
            : base(tensor)
        {
        }

        public int Count => (int)(nbytes() / (ulong)sizeof(T));

        public T this[int index]
        {
            get => ((T*)data_ptr())[Checked(index)];
            set => ((T*)data_ptr())[Checked(index)] = value;
        }

        public override int element_size() => sizeof(T);

        public T[] ToArray() => new ReadOnlySpan<T>((T*)data_ptr(), Count).ToArray();

        public void fill_(T value) => new Span<T>((T*)data_ptr(), Count).Fill(value);

        public void Dispose() => _tensor.Dispose();

        private int Checked(int index) => index >= 0 && index < Count ? index : throw new IndexOutOfRangeException();
    }
}
