namespace PyTorchCheckpoints.Tests;

/// <summary>A file that somebody made to do harm, or that was damaged, and what becomes of it.</summary>
/// <param name="Bytes">The file.</param>
/// <param name="Kind">The rule that it breaks; null for a file that looks odd and is legal.</param>
internal sealed record HostileCase(byte[] Bytes, CheckpointErrorKind? Kind)
{
    public Type ExceptionType { get; init; } = typeof(CheckpointFormatException);

    /// <summary>The class or function that the exception names.</summary>
    public string? Global { get; init; }

    public DetectedContent? Detected { get; init; }

    public CheckpointReadOptions Options { get; init; } = new();

    /// <summary>An archive with a pickle, and with a storage 0 of four float32.</summary>
    public static HostileCase Pickle(byte[] pickle, CheckpointErrorKind? kind = CheckpointErrorKind.InvalidPickle) =>
        new(ZipBuilder.Checkpoint(pickle, ("0", new byte[16])).ToArray(), kind);

    /// <summary>The same with the pickle's beginning and end added.</summary>
    public static HostileCase Body(Action<PickleBuilder> body, CheckpointErrorKind? kind = CheckpointErrorKind.InvalidPickle) =>
        Pickle(PickleBuilder.Start().Do(body).Stop(), kind);

    /// <summary>A dictionary with one entry, the value of which is what is wrong.</summary>
    public static HostileCase Value(Action<PickleBuilder> value, CheckpointErrorKind? kind) => Body(p => p.Dict(("w", value)), kind);

    /// <summary>A name that must be refused, called with a text as malicious files do.</summary>
    public static HostileCase Named(string module, string name) =>
        Body(p => p.Global(module, name).Text("echo owned").Raw(0x85).Op('R'), CheckpointErrorKind.ForbiddenGlobal) with
        {
            ExceptionType = typeof(ForbiddenGlobalException),
            Global = $"{module}.{name}",
        };

    public static HostileCase Other(byte[] bytes, DetectedContent detected) =>
        new(bytes, CheckpointErrorKind.NotACheckpoint) { ExceptionType = typeof(NotACheckpointException), Detected = detected };

    public HostileCase Limit() => this with { ExceptionType = typeof(CheckpointLimitException) };
}
