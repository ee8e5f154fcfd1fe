using System.Buffers.Binary;
using System.Text;

namespace PretrainedTokenizers;

/// <summary>Writes nanoGPT's meta.pkl: what Python's pickle.load reads as <c>{'vocab_size': n, 'itos': {…}, 'stoi': {…}}</c>.</summary>
internal static class MetaPickleWriter
{
    public static byte[] Write(ReadOnlySpan<Rune> characters)
    {
        MemoryStream output = new();
        output.Write([0x80, 4]);
        output.Write("}("u8);
        Text(output, "vocab_size");
        Integer(output, characters.Length);
        Text(output, "itos");
        output.Write("}("u8);
        for (int id = 0; id < characters.Length; id++)
        {
            Integer(output, id);
            Text(output, characters[id].ToString());
        }

        output.Write("u"u8);
        Text(output, "stoi");
        output.Write("}("u8);
        for (int id = 0; id < characters.Length; id++)
        {
            Text(output, characters[id].ToString());
            Integer(output, id);
        }

        output.Write("uu."u8);
        return output.ToArray();
    }

    private static void Integer(MemoryStream output, int value)
    {
        Span<byte> bytes = stackalloc byte[5];
        bytes[0] = (byte)'J';
        BinaryPrimitives.WriteInt32LittleEndian(bytes[1..], value);
        output.Write(bytes);
    }

    // All are short: one character, or one of the names above.
    private static void Text(MemoryStream output, string text)
    {
        byte[] bytes = Encoding.UTF8.GetBytes(text);
        output.Write([0x8C, (byte)bytes.Length]);
        output.Write(bytes);
    }
}
