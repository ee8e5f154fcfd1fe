using Importer.Models;
using Importer.Models.Layers;

namespace Importer.Training;

/// <summary>
/// The token embedding's gradient of one micro-step, row by row into the one that a tied head has made: autograd would make a second
/// one of the table's size, of zeros, and add it.
/// </summary>
internal sealed class EmbeddingGradient : IDisposable
{
    private readonly Embedding _embedding;
    private readonly List<EmbeddingLookup> _lookups = [];

    /// <summary>From here on the model's lookups are noted.</summary>
    public EmbeddingGradient(PretrainedModel model)
    {
        _embedding = model.Decoder.Tokens;
        _embedding.Lookups = _lookups;
    }

    /// <summary>Adds the gradients, after the backward pass.</summary>
    public void Add() => _lookups.ForEach(lookup => lookup.AddTo(_embedding.Weight));

    public void Dispose()
    {
        _embedding.Lookups = null;
        _lookups.ForEach(lookup => lookup.Dispose());
    }
}
