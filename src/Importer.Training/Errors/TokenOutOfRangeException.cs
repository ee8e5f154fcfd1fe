using System.Globalization;

namespace Importer.Training;

/// <summary>Data holds an id that the model's vocabulary has not, as data of another tokenizer does.</summary>
public sealed class TokenOutOfRangeException : TrainingDataException
{
    internal TokenOutOfRangeException(string path, long offset, long id, int vocabularySize)
        : base(
            path,
            string.Create(CultureInfo.InvariantCulture, $"token {offset:N0} is {id}, and the vocabulary has {vocabularySize:N0} ids, 0 to {vocabularySize - 1}"),
            "The data belongs to another tokenizer, or the file is damaged: prepare it again with the model's tokenizer (import-weights prepare SOURCE --out DIR --tokenizer MODEL).")
    {
        Offset = offset;
        Id = id;
        VocabularySize = vocabularySize;
    }

    /// <summary>The token's index in the file.</summary>
    public long Offset { get; }

    /// <summary>What is there.</summary>
    public long Id { get; }

    /// <summary>The number of ids that there are.</summary>
    public int VocabularySize { get; }
}
