namespace SafeTensorSharp;

/// <summary>How strictly files are read.</summary>
public sealed class SafeTensorReadOptions
{
    internal static SafeTensorReadOptions Default { get; } = new();

    /// <summary>
    /// Accepts what the reference implementation accepts against the format's own text: white space before the header's <c>{</c>,
    /// <c>__metadata__</c> that is <c>null</c>, and unknown fields in a tensor's entry. Each use is told in
    /// <see cref="SafeTensorHeader.Warnings"/>. Duplicate keys stay errors. False by default.
    /// </summary>
    public bool Compat { get; init; }

    /// <summary>What to do with a <c>BOOL</c> byte other than 0 and 1; <see cref="BoolPolicy.Reject"/> by default.</summary>
    public BoolPolicy Bools { get; init; } = BoolPolicy.Reject;

    /// <summary>
    /// Whether reading a floating-point tensor throws <see cref="SafeTensorDataException"/>
    /// (<see cref="SafeTensorErrorKind.NonFiniteValue"/>) at the first NaN or infinity. False by default: they are legal.
    /// </summary>
    public bool CheckValues { get; init; }

    /// <summary>Bounds against hostile files; <see cref="SafeTensorLimits.Default"/> by default.</summary>
    public SafeTensorLimits Limits { get; init; } = SafeTensorLimits.Default;

    internal static SafeTensorReadOptions Validate(SafeTensorReadOptions? options)
    {
        options ??= Default;
        ArgumentNullException.ThrowIfNull(options.Limits, nameof(Limits));
        options.Limits.Validate();
        return Enum.IsDefined(options.Bools)
            ? options
            : throw new ArgumentOutOfRangeException(nameof(options), options.Bools, $"{nameof(Bools)} is not a defined value.");
    }
}
