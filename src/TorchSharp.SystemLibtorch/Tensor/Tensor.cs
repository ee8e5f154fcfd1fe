using TorchSharp.Interop;
using static TorchSharp.Interop.NativeMethods;

namespace TorchSharp;

public static partial class torch
{
    /// <summary>
    /// An n-dimensional array of libtorch's. Owns one native reference, which is released exactly once: by
    /// <see cref="Dispose()"/> (from any thread), by the dispose scope it belongs to, or by the finalizer.
    /// </summary>
    public partial class Tensor : IDisposable
    {
        private static long _totalCount;
        private static long _peakCount;

        private nint _handle;

        internal Tensor(nint handle, bool register = true)
        {
            _handle = handle;
            // Some operators return an undefined tensor: it owns nothing and counts for nothing.
            if (handle == 0)
                return;
            CountUp();
            if (register)
                DisposeScopeManager.ThreadSingleton.Register(this);
        }

        ~Tensor() => Dispose(false);

        /// <summary>How many tensors of the process own a native reference now.</summary>
        public static long TotalCount => Interlocked.Read(ref _totalCount);

        /// <summary>The largest <see cref="TotalCount"/> so far.</summary>
        public static long PeakCount => Interlocked.Read(ref _peakCount);

        public nint Handle => _handle != 0 ? _handle : throw new InvalidOperationException("Tensor invalid -- empty handle.");

        public bool IsInvalid => _handle == 0;

        public string? name { get; set; }

        internal DisposeScope? OwningDisposeScope { get; set; }

        /// <summary>Where the owning scope keeps this tensor; the scope's own business.</summary>
        internal int ScopeIndex { get; set; }

        /// <summary>Takes ownership of a handle that <see cref="DecoupleFromNativeHandle"/> gave.</summary>
        public static Tensor UnsafeCreateTensor(nint handle) => new(handle);

        public void Dispose()
        {
            Dispose(true);
            GC.SuppressFinalize(this);
        }

        protected virtual void Dispose(bool disposing)
        {
            var handle = Interlocked.Exchange(ref _handle, 0);
            if (handle == 0)
                return;
            // A tensor that is finalized is in no living scope: a scope keeps its tensors reachable.
            if (disposing)
            {
                DisposeScopeManager.ThreadSingleton.Disposing(this);
                OwningDisposeScope?.Forget(this);
            }
            Interlocked.Decrement(ref _totalCount);
            ts_tensor_free(handle);
        }

        public Tensor MoveToOuterDisposeScope()
        {
            OwningDisposeScope?.MoveToOuter(this);
            return this;
        }

        public Tensor DetachFromDisposeScope()
        {
            OwningDisposeScope?.Detach(this);
            return this;
        }

        public Tensor MoveToOtherDisposeScope(Tensor other) => MoveToOtherDisposeScope(other.OwningDisposeScope);

        public Tensor MoveToOtherDisposeScope(DisposeScope? other)
        {
            if (OwningDisposeScope is { } owner)
                owner.MoveToOther(other, this);
            else
                other?.Attach(this);
            return this;
        }

        /// <summary>Gives the native reference away: the caller owns it now, and this tensor is invalid.</summary>
        public nint DecoupleFromNativeHandle()
        {
            var handle = MoveHandle();
            return handle != 0 ? handle : throw new InvalidOperationException("Tensor invalid -- empty handle.");
        }

        public override bool Equals(object? obj) => obj is Tensor other && Equals(other);

        public override int GetHashCode() => base.GetHashCode();

        /// <summary>The native reference for another owner; 0 if there is none.</summary>
        internal nint MoveHandle()
        {
            var handle = Interlocked.Exchange(ref _handle, 0);
            if (handle != 0)
                Interlocked.Decrement(ref _totalCount);
            return handle;
        }

        /// <summary>Another managed tensor over the same native one.</summary>
        internal Tensor Share()
        {
            var handle = ts_tensor_retain(Handle);
            GC.KeepAlive(this);
            return new Tensor(handle);
        }

        /// <summary>What the tensor says of itself; its spans are valid while this object is kept alive.</summary>
        internal unsafe NativeTensorInfo Info
        {
            get
            {
                NativeTensorInfo info;
                NativeError.Check(ts_tensor_info(Handle, &info), "tensor");
                GC.KeepAlive(this);
                return info;
            }
        }

        private static void CountUp()
        {
            long count = Interlocked.Increment(ref _totalCount);
            long peak = Interlocked.Read(ref _peakCount);
            while (count > peak)
            {
                long seen = Interlocked.CompareExchange(ref _peakCount, count, peak);
                if (seen == peak)
                    break;
                peak = seen;
            }
        }
    }
}
