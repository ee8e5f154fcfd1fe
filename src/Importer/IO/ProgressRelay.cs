namespace Importer.IO;

/// <summary>Progress on the reporting thread, unlike <see cref="Progress{T}"/>, which would let reports overtake each other.</summary>
internal sealed class ProgressRelay<T>(Action<T> report) : IProgress<T>
{
    public void Report(T value) => report(value);
}
