using TorchSharp.Interop;
using static TorchSharp.Interop.NativeMethods;

namespace TorchSharp;

public static partial class torch
{
    /// <summary>Settings of the libraries behind the operators.</summary>
    public static partial class backends
    {
        private const int AllowTF32CuBLAS = 0, AllowTF32CuDNN = 1;

        private static bool Get(int setting) => NativeError.Check(ts_setting_get(setting), "backends") != 0;

        private static void Set(int setting, bool value) => NativeError.Check(ts_setting_set(setting, value ? 1 : 0), "backends");

        public static partial class cuda
        {
            public static partial class matmul
            {
                /// <summary>Whether float32 matrix products may use TensorFloat-32.</summary>
                public static bool allow_tf32
                {
                    get => Get(AllowTF32CuBLAS);
                    set => Set(AllowTF32CuBLAS, value);
                }
            }
        }

        public static partial class cudnn
        {
            /// <summary>Whether float32 convolutions may use TensorFloat-32.</summary>
            public static bool allow_tf32
            {
                get => Get(AllowTF32CuDNN);
                set => Set(AllowTF32CuDNN, value);
            }
        }
    }
}
