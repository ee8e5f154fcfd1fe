namespace Importer.Training.Data;

/// <summary>What follows from how tokens are stored.</summary>
internal static class TokenDTypes
{
    /// <summary>Ids that fit two bytes.</summary>
    public const int UInt16Ids = ushort.MaxValue + 1;

    public static TokenDType For(int vocabularySize) => vocabularySize <= UInt16Ids ? TokenDType.U16 : TokenDType.U32;

    public static int Size(this TokenDType dtype) => dtype == TokenDType.U16 ? sizeof(ushort) : sizeof(uint);

    public static string Name(this TokenDType dtype) => dtype == TokenDType.U16 ? "uint16" : "uint32";

    /// <summary>The file of a split, <c>train</c> or <c>val</c>. Nobody shall take four bytes for two tokens, so the name tells them apart.</summary>
    public static string FileName(this TokenDType dtype, string split) => dtype == TokenDType.U16 ? $"{split}.bin" : $"{split}.uint32.bin";
}
