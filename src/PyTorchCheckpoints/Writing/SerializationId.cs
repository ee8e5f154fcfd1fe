using System.Globalization;
using System.Text;

namespace PyTorchCheckpoints;

/// <summary>
/// The text in <c>.data/serialization_id</c>: 40 digits, of which torch makes the first half from the records' names and the second from
/// their checksums. Nothing reads them but logs.
/// </summary>
internal static class SerializationId
{
    public const int Length = 40;

    // FNV-1a, 64 bits.
    private const ulong Start = 14695981039346656037;
    private const ulong Prime = 1099511628211;

    public static ReadOnlySpan<byte> Create(ZipPlan plan, IReadOnlyList<uint> checksums)
    {
        ulong names = Start, contents = Start;
        for (int i = 0; i < checksums.Count; i++)
        {
            foreach (byte b in plan.Entries[i].Name)
            {
                names = unchecked((names ^ b) * Prime);
            }

            contents = unchecked((contents ^ checksums[i]) * Prime);
        }

        return Encoding.ASCII.GetBytes(string.Create(CultureInfo.InvariantCulture, $"{names:D20}{contents:D20}"));
    }
}
