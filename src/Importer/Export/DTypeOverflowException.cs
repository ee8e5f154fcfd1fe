using System.Globalization;
using Importer.Mapping;
using SafeTensorSharp;

namespace Importer.Export;

/// <summary>Numbers of a model are too large for the dtype that was asked for; they would have become infinities.</summary>
public sealed class DTypeOverflowException : PretrainedException
{
    internal DTypeOverflowException(string source, DType dtype, IReadOnlyList<DTypeOverflow> overflows)
        : base(
            $"{DisplayText.Escape(source)} holds numbers that {DTypes.Name(dtype)} cannot, in {overflows.Count} of its parameters:" + string.Concat(overflows.Select(overflow =>
                string.Create(CultureInfo.InvariantCulture, $"\n  {NameText.Plain(overflow.Parameter)}: {overflow.Count:N0}, the largest {overflow.Largest:G4}"))),
            dtype == SafeTensorSharp.DType.F16 ? "BF16 and F32 have the range: export with one of them." : "F32 and F64 have more range: export with one of them.")
    {
        DType = dtype;
        Overflows = overflows;
    }

    /// <summary>The dtype that was asked for.</summary>
    public DType DType { get; }

    /// <summary>All parameters that it cannot hold.</summary>
    public IReadOnlyList<DTypeOverflow> Overflows { get; }
}
