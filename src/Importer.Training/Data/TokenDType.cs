namespace Importer.Training.Data;

/// <summary>How a token is stored; always little-endian.</summary>
public enum TokenDType
{
    /// <summary>Two bytes, as nanoGPT has them, in <c>train.bin</c> and <c>val.bin</c>; vocabularies up to 65,536.</summary>
    U16,

    /// <summary>Four bytes, for larger vocabularies, in <c>train.uint32.bin</c> and <c>val.uint32.bin</c>.</summary>
    U32,
}
