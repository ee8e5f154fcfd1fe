using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using static TorchSharp.Interop.NativeMethods;

namespace TorchSharp.Interop;

/// <summary>
/// An operator of libtorch's dispatcher, looked up on first use. To add one, declare it by its schema name and call it
/// with the schema's arguments in their order; those left out at the end take the schema's defaults:
/// <code>
/// private static readonly Op Exp = "aten::exp", Softmax = "aten::softmax.int";
/// public Tensor exp() => Exp.Call(this);
/// </code>
/// </summary>
internal sealed unsafe class Op
{
    private const int StackWords = 128;
    private nint _handle;
    private bool _isMissing; // asked for once: to look costs 10 µs

    private Op(string name) => Name = name;

    /// <summary>Name and overload, for example "aten::add.Tensor".</summary>
    public string Name { get; }

    /// <summary>Whether this libtorch has the operator.</summary>
    public bool Exists => _handle != 0 || (!_isMissing && !(_isMissing = (_handle = Find()) == 0));

    public static implicit operator Op(string name) => new(name);

    /// <summary>Calls the operator for its only result.</summary>
    public torch.Tensor Call(params ReadOnlySpan<Arg> args)
    {
        NativeValue result;
        Invoke(args, &result, 1);
        return Tensor(result);
    }

    /// <summary>Calls the operator for its two results.</summary>
    public (torch.Tensor, torch.Tensor) Call2(params ReadOnlySpan<Arg> args)
    {
        var results = stackalloc NativeValue[2];
        Invoke(args, results, 2);
        return (Tensor(results[0]), Tensor(results[1]));
    }

    /// <summary>Calls the operator for its three results.</summary>
    public (torch.Tensor, torch.Tensor, torch.Tensor) Call3(params ReadOnlySpan<Arg> args)
    {
        var results = stackalloc NativeValue[3];
        Invoke(args, results, 3);
        return (Tensor(results[0]), Tensor(results[1]), Tensor(results[2]));
    }

    /// <summary>Calls an operator that returns a list of tensors.</summary>
    public torch.Tensor[] CallList(params ReadOnlySpan<Arg> args)
    {
        NativeValue result;
        Invoke(args, &result, 1);
        var tensors = new torch.Tensor[result.Count];
        for (int i = 0; i < tensors.Length; i++)
            tensors[i] = new torch.Tensor(((nint*)result.Bits)[i]);
        ts_list_free((nint)result.Bits);
        return tensors;
    }

    /// <summary>Calls an operator that returns a number or a truth value.</summary>
    public NativeValue CallValue(params ReadOnlySpan<Arg> args)
    {
        NativeValue result;
        Invoke(args, &result, 1);
        return result;
    }

    /// <summary>Calls the operator for its effect: in-place operators return their first argument, which is dropped.</summary>
    public void Run(params ReadOnlySpan<Arg> args) => Invoke(args, null, 0);

    /// <summary>
    /// Calls an operator that makes a tensor. Where it lacks memory, tensors that nobody disposed may hold it: they are
    /// finalized and it is tried once more.
    /// </summary>
    public torch.Tensor Create(params ReadOnlySpan<Arg> args)
    {
        try
        {
            return Call(args);
        }
        catch (ExternalException e) when (e.Message.Contains("memory", StringComparison.OrdinalIgnoreCase))
        {
            GC.Collect();
            GC.WaitForPendingFinalizers();
            return Call(args);
        }
    }

    public override string ToString() => Name;

    private static torch.Tensor Tensor(in NativeValue value) => new((nint)value.Bits);

    [SkipLocalsInit]
    private void Invoke(ReadOnlySpan<Arg> args, NativeValue* results, int capacity)
    {
        if (_handle == 0)
            Resolve();
        var values = stackalloc NativeValue[args.Length];
        int words = 0;
        foreach (ref readonly var arg in args)
            words += arg.ScratchWords;
        var fixedScratch = stackalloc long[StackWords];
        var scratch = words <= StackWords ? fixedScratch : (long*)NativeMemory.Alloc((nuint)words, sizeof(long));
        try
        {
            var next = scratch;
            for (int i = 0; i < args.Length; i++)
            {
                args[i].Write(values + i, next);
                next += args[i].ScratchWords;
            }
            if (ts_operator_call(_handle, values, args.Length, results, capacity) < 0)
                NativeError.Throw(Name);
        }
        finally
        {
            if (scratch != fixedScratch)
                NativeMemory.Free(scratch);
        }
        foreach (ref readonly var arg in args)
            arg.KeepAlive();
    }

    private nint Find()
    {
        int dot = Name.IndexOf('.', Name.IndexOf("::", StringComparison.Ordinal));
        var name = Marshal.StringToCoTaskMemUTF8(dot < 0 ? Name : Name[..dot]);
        var overload = Marshal.StringToCoTaskMemUTF8(dot < 0 ? "" : Name[(dot + 1)..]);
        try
        {
            return ts_operator_find((byte*)name, (byte*)overload);
        }
        finally
        {
            Marshal.FreeCoTaskMem(name);
            Marshal.FreeCoTaskMem(overload);
        }
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private void Resolve()
    {
        if (!Exists)
            NativeError.Throw(Name);
    }
}
