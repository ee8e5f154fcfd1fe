using System.Reflection;
using System.Runtime.InteropServices;

namespace TorchSharp.Interop;

/// <summary>Loads the native library on first use, says what to do where that fails, and chooses the number of threads.</summary>
internal static unsafe class NativeLoader
{
    private static readonly Lock Loading = new();
    private static nint _library;

    public static void Install() => NativeLibrary.SetDllImportResolver(typeof(NativeLoader).Assembly, Resolve);

    private static nint Resolve(string name, Assembly assembly, DllImportSearchPath? path)
    {
        if (name != NativeMethods.Library)
            return 0;

        // .NET asks for each function that is called for the first time. Whoever has chosen a number of threads meanwhile keeps it.
        lock (Loading)
        {
            return _library != 0 ? _library : _library = Load(name, assembly, path);
        }
    }

    private static nint Load(string name, Assembly assembly, DllImportSearchPath? path)
    {
        nint library;
        try
        {
            library = NativeLibrary.Load(name, assembly, path);
        }
        catch (DllNotFoundException e)
        {
            throw new DllNotFoundException(
                "The system torch runtime could not load libtorch. If libtorch moved or was upgraded since the program was built, build it again; " +
                "if it was removed, run: sudo apt-get install libtorch-dev libopenblas0-openmp. " + e.Message, e);
        }
        // Through the library's own export: a call by P/Invoke would come back here.
        ((delegate* unmanaged<int, void>)NativeLibrary.GetExport(library, "ts_initialize"))(ThreadDefaults.Choose() ?? 0);
        return library;
    }
}
