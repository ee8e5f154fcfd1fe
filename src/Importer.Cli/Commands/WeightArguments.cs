using System.CommandLine;
using System.CommandLine.Parsing;
using System.Globalization;
using SafeTensorSharp;

namespace Importer.Cli.Commands;

/// <summary>The options of the commands that write weights.</summary>
internal static class WeightArguments
{
    // As transformers reads sizes: GB is decimal, GiB binary.
    private static readonly (string Unit, long Bytes)[] Units =
    [
        ("KIB", 1L << 10), ("MIB", 1L << 20), ("GIB", 1L << 30), ("TIB", 1L << 40), ("KB", 1_000), ("MB", 1_000_000), ("GB", 1_000_000_000), ("TB", 1_000_000_000_000), ("B", 1),
    ];

    /// <summary><c>--dtype</c>.</summary>
    /// <param name="default">What holds without it, as the end of a sentence.</param>
    public static Option<DType?> DType(string @default) => new("--dtype")
    {
        Description = $"f32, f16, bf16 or f64; {@default}.",
        HelpName = "DTYPE",
        CustomParser = ParseDType,
    };

    /// <summary>Reads a size: <c>5GB</c>, <c>500MiB</c>, or a number of bytes.</summary>
    public static long? ParseSize(ArgumentResult result)
    {
        string text = result.Tokens[0].Value, upper = text.Trim().ToUpperInvariant();
        var (unit, bytes) = Array.Find(Units, unit => upper.EndsWith(unit.Unit, StringComparison.Ordinal));
        string number = unit is null ? upper : upper[..^unit.Length].TrimEnd();
        if (decimal.TryParse(number, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out decimal value) && value > 0 && value < long.MaxValue / 1e13m &&
            value * Math.Max(1, bytes) is >= 1 and <= long.MaxValue)
        {
            return (long)(value * Math.Max(1, bytes));
        }

        result.AddError($"'{text}' is no size; give one such as 5GB or 500MB.");
        return null;
    }

    private static DType? ParseDType(ArgumentResult result)
    {
        string text = result.Tokens[0].Value;
        switch (text.ToLowerInvariant())
        {
            case "f32" or "float32" or "float":
                return SafeTensorSharp.DType.F32;
            case "f16" or "float16" or "half":
                return SafeTensorSharp.DType.F16;
            case "bf16" or "bfloat16":
                return SafeTensorSharp.DType.BF16;
            case "f64" or "float64" or "double":
                return SafeTensorSharp.DType.F64;
            default:
                result.AddError($"'{text}' is no dtype for weights; choose f32, f16, bf16 or f64.");
                return null;
        }
    }
}
