using System.Security.Cryptography;
using System.Text;

namespace HuggingFace.Hub.Client;

/// <summary>
/// Tells one running machine from another: a lock that is free proves that its owner is gone only on the owner's own machine.
/// </summary>
internal static class HostIdentity
{
    public const int Size = 16;

    public static ReadOnlyMemory<byte> Current { get; } = Compute();

    private static byte[] Compute()
    {
        string boot = "";
        try
        {
            const string BootId = "/proc/sys/kernel/random/boot_id";
            boot = File.Exists(BootId) ? File.ReadAllText(BootId).Trim() : "";
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            // The name alone must do.
        }

        return SHA256.HashData(Encoding.UTF8.GetBytes($"{Environment.MachineName}\n{boot}"))[..Size];
    }
}
