using TorchSharp.Interop;
using static TorchSharp.Interop.NativeMethods;

namespace TorchSharp;

public static partial class torch
{
    /// <summary>A source of random numbers with a state of its own.</summary>
    public class Generator : IDisposable
    {
        private nint _handle;

        public Generator(ulong seed = 0, Device? device = null)
        {
            this.device = InitializeDevice(device ?? CPU);
            _handle = NativeError.Check(ts_generator_new(seed, (int)this.device.type, this.device.index), nameof(Generator));
        }

        private Generator(nint handle)
        {
            _handle = handle;
            device = CPU;
        }

        ~Generator() => Dispose(false);

        /// <summary>The generator that operators use on the CPU where none is given.</summary>
        public static Generator Default => new(NativeError.Check(ts_generator_default((int)DeviceType.CPU, -1), nameof(Default)));

        public nint Handle => _handle;

        public Device device { get; }

        /// <summary>The whole state, as bytes: setting it back gives the same numbers again.</summary>
        public Tensor get_state()
        {
            var state = NativeError.Check(ts_generator_get_state(Owned()), nameof(get_state));
            GC.KeepAlive(this);
            return new Tensor(state);
        }

        public void set_state(Tensor value)
        {
            NativeError.Check(ts_generator_set_state(Owned(), value.Handle), nameof(set_state));
            GC.KeepAlive(value);
            GC.KeepAlive(this);
        }

        public Generator manual_seed(long seed)
        {
            NativeError.Check(ts_generator_seed(Owned(), (ulong)seed), nameof(manual_seed));
            GC.KeepAlive(this);
            return this;
        }

        /// <summary>Seeds from the clock and returns the seed.</summary>
        public long seed()
        {
            long seed = DateTime.UtcNow.Ticks;
            manual_seed(seed);
            return seed;
        }

        public unsafe long initial_seed()
        {
            ulong seed;
            NativeError.Check(ts_generator_initial_seed(Owned(), &seed), nameof(initial_seed));
            GC.KeepAlive(this);
            return (long)seed;
        }

        public void Dispose()
        {
            Dispose(true);
            GC.SuppressFinalize(this);
        }

        protected virtual void Dispose(bool disposing)
        {
            var handle = Interlocked.Exchange(ref _handle, 0);
            if (handle != 0)
                ts_generator_free(handle);
        }

        private nint Owned() => _handle != 0 ? _handle : throw new ObjectDisposedException(nameof(Generator));
    }
}
