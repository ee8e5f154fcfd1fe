namespace HuggingFace.Hub.Client;

/// <summary>What the file system of a machine allows as names, beyond what is refused everywhere.</summary>
/// <param name="WindowsNames">Device names, <c>name:stream</c>, and trailing dots or spaces have a meaning of their own.</param>
/// <param name="IgnoresCase">Two names that differ by case are the same file.</param>
internal sealed record PathRules(bool WindowsNames, bool IgnoresCase)
{
    public static readonly PathRules Posix = new(WindowsNames: false, IgnoresCase: false);
    public static readonly PathRules Mac = new(WindowsNames: false, IgnoresCase: true);
    public static readonly PathRules Windows = new(WindowsNames: true, IgnoresCase: true);

    public static PathRules Current =>
        OperatingSystem.IsWindows() ? Windows : OperatingSystem.IsMacOS() || OperatingSystem.IsIOS() ? Mac : Posix;
}
