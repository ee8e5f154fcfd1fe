using Importer.Mapping;

namespace Importer;

/// <summary>A tensor that the configuration calls tied is stored a second time, with other content.</summary>
public sealed class TiedWeightsDifferException : PretrainedException
{
    internal TiedWeightsDifferException(PlannedTie tie, TieCheck check, long offset)
        : base(
            $"{DisplayText.Escape(check.Copy.File)}: {NameText.Plain(check.Copy.Name)} should equal {NameText.Plain(check.Original.Name)}, because " +
            $"the configuration ties {tie.Target} to {tie.To}, but they differ from byte {offset} on",
            "If this head was trained on its own, set \"tie_word_embeddings\": false in config.json.")
    {
        Copy = check.Copy.Name;
        Original = check.Original.Name;
        Offset = offset;
    }

    /// <summary>The key of the stored copy.</summary>
    public string Copy { get; }

    /// <summary>The key that it should equal.</summary>
    public string Original { get; }

    /// <summary>The first byte within the tensors that differs.</summary>
    public long Offset { get; }
}
