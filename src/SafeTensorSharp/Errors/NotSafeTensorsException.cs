namespace SafeTensorSharp;

/// <summary>A file is not safetensors but something else that was recognised.</summary>
public sealed class NotSafeTensorsException : SafeTensorException
{
    internal NotSafeTensorsException(DetectedFormat detected, string problem, string remedy, string? path, Exception? inner = null)
        : base(SafeTensorErrorKind.NotSafeTensors, problem, remedy, path, position: 0, tensorName: null, inner)
    {
        Detected = detected;
    }

    /// <summary>What the file is.</summary>
    public DetectedFormat Detected { get; }
}
