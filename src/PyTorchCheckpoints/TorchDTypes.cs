using System.Collections.Frozen;

namespace PyTorchCheckpoints;

/// <summary>What is to be known of a <see cref="TorchDType"/>.</summary>
public static class TorchDTypes
{
    // In the order of the enumeration: PyTorch's name, bytes per element, storage class (null: UntypedStorage).
    private static readonly (string Name, int Size, string? Storage)[] Table =
    [
        ("float32", 4, "FloatStorage"), ("float64", 8, "DoubleStorage"), ("float16", 2, "HalfStorage"), ("bfloat16", 2, "BFloat16Storage"),
        ("uint8", 1, "ByteStorage"), ("int8", 1, "CharStorage"), ("int16", 2, "ShortStorage"), ("int32", 4, "IntStorage"),
        ("int64", 8, "LongStorage"), ("bool", 1, "BoolStorage"), ("complex64", 8, "ComplexFloatStorage"),
        ("complex128", 16, "ComplexDoubleStorage"), ("uint16", 2, null), ("uint32", 4, null), ("uint64", 8, null),
        ("float8_e4m3fn", 1, null), ("float8_e5m2", 1, null), ("float8_e4m3fnuz", 1, null), ("float8_e5m2fnuz", 1, null),
    ];

    /// <summary>Every type, in the enumeration's order.</summary>
    public static IReadOnlyList<TorchDType> All { get; } = [.. Enum.GetValues<TorchDType>()];

    /// <summary>PyTorch's name without its module, such as <c>float32</c>.</summary>
    public static string Name(TorchDType dtype) => Row(dtype).Name;

    /// <summary>The bytes that one element takes.</summary>
    public static int ElementSize(TorchDType dtype) => Row(dtype).Size;

    /// <summary>Finds a type by <see cref="Name"/>.</summary>
    /// <returns>False when PyTorch's name is not one of those that are read here.</returns>
    public static bool TryParse(string name, out TorchDType dtype)
    {
        ArgumentNullException.ThrowIfNull(name);
        return ByName.TryGetValue(name, out dtype);
    }

    private static FrozenDictionary<string, TorchDType> ByName =>
        field ??= All.ToFrozenDictionary(Name, dtype => dtype, StringComparer.Ordinal);

    /// <summary>The class in the module <c>torch</c> whose storages hold such elements; null when there is none.</summary>
    internal static string? StorageClass(TorchDType dtype) => Row(dtype).Storage;

    /// <summary>The bytes that are reversed together in a file of the other byte order.</summary>
    internal static int SwapSize(TorchDType dtype) => dtype is TorchDType.Complex64 or TorchDType.Complex128
        ? ElementSize(dtype) / 2
        : ElementSize(dtype);

    private static (string Name, int Size, string? Storage) Row(TorchDType dtype) => (uint)dtype < (uint)Table.Length
        ? Table[(int)dtype]
        : throw new ArgumentOutOfRangeException(nameof(dtype), dtype, "This is not a defined dtype.");
}
