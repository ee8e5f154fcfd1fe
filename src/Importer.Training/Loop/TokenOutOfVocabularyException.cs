namespace Importer.Training;

/// <summary>A batch holds a token id that the model has no embedding for: the data was made with another tokenizer.</summary>
public sealed class TokenOutOfVocabularyException : TrainingException
{
    internal TokenOutOfVocabularyException(long id, int vocabSize)
        : base(
            FormattableString.Invariant($"The data holds the token id {id}, and the model's vocabulary has {vocabSize} ids, from 0 to {vocabSize - 1}"),
            "Prepare the data with the tokenizer that belongs to the model, or train a model of that vocabulary from scratch.")
    {
        Id = id;
        VocabSize = vocabSize;
    }

    /// <summary>The id.</summary>
    public long Id { get; }

    /// <summary>Ids that the model knows.</summary>
    public int VocabSize { get; }
}
