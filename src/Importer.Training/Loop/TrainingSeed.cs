namespace Importer.Training;

/// <summary>
/// Seeds as a function of where a run is. Because each micro-step begins with its own, there is no generator whose state would
/// have to survive, and neither evaluations nor saves change what comes after them.
/// </summary>
internal static class TrainingSeed
{
    /// <summary>The seed of a micro-step.</summary>
    public static long ForMicroStep(long seed, long step, int micro, int rank = 0) => Mix(seed, 0x7472_6169_6E, step, ((long)rank << 32) | (uint)micro);

    /// <summary>The seed of an evaluation.</summary>
    public static long ForEvaluation(long seed, long step) => Mix(seed, 0x6576_616C, step, 0);

    // The finaliser of SplitMix64 (Steele, Lea and Flood 2014), over the words one after the other.
    private static long Mix(params ReadOnlySpan<long> words)
    {
        ulong hash = 0;
        foreach (long word in words)
        {
            ulong z = hash + 0x9E37_79B9_7F4A_7C15 + (ulong)word;
            z = (z ^ (z >> 30)) * 0xBF58_476D_1CE4_E5B9;
            z = (z ^ (z >> 27)) * 0x94D0_49BB_1331_11EB;
            hash = z ^ (z >> 31);
        }

        return (long)(hash >> 1);
    }
}
