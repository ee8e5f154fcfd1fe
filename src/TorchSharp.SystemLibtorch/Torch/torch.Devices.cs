using System.Runtime.InteropServices;
using TorchSharp.Interop;
using static TorchSharp.Interop.NativeMethods;

namespace TorchSharp;

public static partial class torch
{
    public static readonly Device CPU = new(DeviceType.CPU);
    public static readonly Device META = new(DeviceType.META);

    private static Device? _cuda;

    /// <summary>The current CUDA device.</summary>
    /// <exception cref="InvalidOperationException">There is no CUDA device that can be used.</exception>
    public static Device CUDA => _cuda ??= InitializeDevice(new Device(DeviceType.CUDA));

    /// <summary>The version of libtorch, for example "1.13.1".</summary>
    public static unsafe string __version__ => Marshal.PtrToStringUTF8((nint)ts_version())!;

    public static Device device(string description) => InitializeDevice(new Device(description));

    public static Device device(string deviceType, int index = -1) => InitializeDevice(new Device(deviceType, index));

    public static Device device(DeviceType deviceType, int index = -1) => InitializeDevice(new Device(deviceType, index));

    public static Device device(int index) => new(DeviceType.CUDA, index);

    /// <summary>Loads what a kind of device needs; false where it cannot be used.</summary>
    public static bool TryInitializeDeviceType(DeviceType deviceType) => deviceType switch
    {
        DeviceType.CUDA => ts_cuda_device_count() > 0,
        DeviceType.CPU or DeviceType.META => true,
        _ => false,
    };

    /// <summary>Loads what a kind of device needs.</summary>
    /// <exception cref="InvalidOperationException">This kind of device cannot be used.</exception>
    public static void InitializeDeviceType(DeviceType deviceType)
    {
        if (!TryInitializeDeviceType(deviceType))
        {
            throw new InvalidOperationException(
                $"Torch device type {deviceType} did not initialise on the current machine: libtorch {__version__} finds no such device.");
        }
    }

    public static Device InitializeDevice(Device? device)
    {
        device ??= get_default_device();
        if (device.type is not (DeviceType.CPU or DeviceType.META))
            InitializeDeviceType(device.type);
        return device;
    }

    public static bool cuda_is_available() => cuda.is_available();

    public static bool mps_is_available() => false;

    /// <summary>CUDA devices.</summary>
    public static partial class cuda
    {
        public static bool is_available() => ts_cuda_device_count() > 0;

        public static bool is_cudnn_available() => is_available() && ts_cudnn_available() != 0;

        public static int device_count() => ts_cuda_device_count();

        /// <summary>Seeds the current device's generator; does nothing without CUDA.</summary>
        public static void manual_seed(long seed)
        {
            if (is_available())
                NativeError.Check(ts_cuda_manual_seed((ulong)seed, 0), "cuda.manual_seed");
        }

        /// <summary>Seeds the generators of all devices; does nothing without CUDA.</summary>
        public static void manual_seed_all(long seed)
        {
            if (is_available())
                NativeError.Check(ts_cuda_manual_seed((ulong)seed, 1), "cuda.manual_seed_all");
        }

        /// <summary>Waits for the work that was queued on a device (default: the current one); does nothing without CUDA.</summary>
        public static void synchronize(Device? device = null)
        {
            if (is_available())
                NativeError.Check(ts_cuda_synchronize(device?.index ?? -1), "cuda.synchronize");
        }
    }
}
