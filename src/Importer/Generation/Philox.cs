namespace Importer.Generation;

/// <summary>
/// Philox4x32-10 (Salmon et al. 2011, "Parallel random numbers: as easy as 1, 2, 3"): random numbers as a function of a key and a
/// counter. There is no state, so what one sequence draws does not depend on what is drawn beside it, and whole numbers are
/// all it computes with, so it is the same on every machine.
/// </summary>
internal static class Philox
{
    private const uint Multiplier0 = 0xD2511F53, Multiplier1 = 0xCD9E8D57, Weyl0 = 0x9E3779B9, Weyl1 = 0xBB67AE85;

    /// <summary>A number from 0 to below 1, with 53 random bits.</summary>
    /// <param name="seed">The key.</param>
    /// <param name="sample">Which sequence of those with the same seed.</param>
    /// <param name="position">Which draw of the sequence.</param>
    public static double Uniform(ulong seed, int sample, int position)
    {
        var (first, second, _, _) = Block((uint)position, (uint)sample, 0, 0, (uint)seed, (uint)(seed >> 32));
        return (((ulong)first << 21) ^ (second >> 11)) * (1.0 / (1L << 53));
    }

    /// <summary>Ten rounds over a counter of four words under a key of two.</summary>
    public static (uint, uint, uint, uint) Block(uint c0, uint c1, uint c2, uint c3, uint key0, uint key1)
    {
        for (int round = 0; round < 10; round++)
        {
            ulong product0 = (ulong)Multiplier0 * c0, product1 = (ulong)Multiplier1 * c2;
            (c0, c1, c2, c3) = ((uint)(product1 >> 32) ^ c1 ^ key0, (uint)product1, (uint)(product0 >> 32) ^ c3 ^ key1, (uint)product0);
            key0 = unchecked(key0 + Weyl0);
            key1 = unchecked(key1 + Weyl1);
        }

        return (c0, c1, c2, c3);
    }
}
