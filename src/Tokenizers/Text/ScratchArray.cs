using System.Buffers;

namespace PretrainedTokenizers;

/// <summary>
/// Arrays for a short time: small ones from the shared pool; large ones new, as the pool would round them up and keep them long after the one
/// enormous word that needed them.
/// </summary>
internal static class ScratchArray
{
    private const int MaxPooled = 1 << 20;

    public static T[] Rent<T>(int length) =>
        length <= MaxPooled ? ArrayPool<T>.Shared.Rent(length) : GC.AllocateUninitializedArray<T>(length);

    public static void Return<T>(T[] array)
    {
        if (array.Length is > 0 and <= MaxPooled)
        {
            ArrayPool<T>.Shared.Return(array);
        }
    }
}
