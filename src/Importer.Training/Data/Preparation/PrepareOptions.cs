namespace Importer.Training.Data;

/// <summary>How text becomes tokens.</summary>
public sealed class PrepareOptions
{
    /// <summary>The tokenizer. <value>The default makes a vocabulary of the text's own characters.</value></summary>
    public DatasetTokenizerSource Tokenizer { get; init; } = DatasetTokenizerSource.Characters;

    /// <summary>
    /// The part of the text that is only evaluated on, from its end; at least 0, less than 1. One text is cut after
    /// <c>floor(characters × (1 − fraction))</c> characters, as nanoGPT does; of documents, those go there that begin behind that
    /// place, and the last one in any case. <value>The default is 0.1.</value>
    /// </summary>
    public double ValFraction { get; init; } = 0.1;

    /// <summary>The field of JSON lines that holds the text. <value>The default is <c>text</c>.</value></summary>
    public string TextField { get; init; } = "text";

    /// <summary>Whether what is no valid Unicode becomes U+FFFD. <value>The default, false, refuses such a text and says where.</value></summary>
    public bool ReplaceInvalid { get; init; }

    /// <summary>
    /// Whether other prepared data in the directory is replaced. What is no prepared data never is. <value>The default is false.</value>
    /// </summary>
    public bool Force { get; init; }

    /// <summary>Told how far it has come, on the working thread. <value>The default is null.</value></summary>
    public IProgress<PrepareProgress>? Progress { get; init; }

    internal void Validate()
    {
        ArgumentNullException.ThrowIfNull(Tokenizer);
        ArgumentException.ThrowIfNullOrEmpty(TextField);
        if (!(ValFraction >= 0 && ValFraction < 1))
        {
            throw new ArgumentOutOfRangeException(nameof(ValFraction), ValFraction, "The part for evaluation must be at least 0 and less than 1.");
        }
    }
}
