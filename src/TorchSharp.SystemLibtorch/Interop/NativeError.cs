using System.Diagnostics.CodeAnalysis;
using System.Runtime.InteropServices;

namespace TorchSharp.Interop;

/// <summary>Turns a failed native call into the exception that TorchSharp throws for it.</summary>
internal static unsafe class NativeError
{
    /// <summary>Throws for a negative status; otherwise returns it.</summary>
    public static int Check(int status, string operation)
    {
        if (status < 0)
            Throw(operation);
        return status;
    }

    /// <summary>Throws for a null handle; otherwise returns it.</summary>
    public static nint Check(nint handle, string operation)
    {
        if (handle == 0)
            Throw(operation);
        return handle;
    }

    [DoesNotReturn]
    public static void Throw(string operation) => throw new ExternalException($"{operation}: {LastMessage()}");

    private static string LastMessage() => Marshal.PtrToStringUTF8((nint)NativeMethods.ts_last_error()) ?? "unknown error";
}
