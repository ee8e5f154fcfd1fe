namespace Importer.Training.Data;

/// <summary>Tokens one after the other, read at any place. Any number of threads may read.</summary>
public interface ITokenSource
{
    /// <summary>How many there are.</summary>
    long Count { get; }

    /// <summary>Reads consecutive tokens.</summary>
    /// <param name="offset">The first token's index.</param>
    /// <param name="tokens">Takes as many ids as it is long.</param>
    /// <exception cref="ArgumentOutOfRangeException">The tokens are not all there.</exception>
    /// <exception cref="TrainingDataException">What is stored is no token of the vocabulary, or the file changed.</exception>
    /// <exception cref="IOException">The disk fails.</exception>
    void Read(long offset, Span<long> tokens);
}
