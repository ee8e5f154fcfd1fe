using System.Reflection;

namespace Tests.Shared;

/// <summary>Holds an assembly's public surface against an approved text, so that a change of it is always on purpose.</summary>
internal static class ApprovedApi
{
    private const string Update = "UPDATE_APPROVED_API";

    /// <summary>Compares the surface with <c>PublicApi.approved.txt</c> in a test project's folder.</summary>
    public static void Check(Assembly assembly, string testProject)
    {
        string path = Path.Combine(Repository.Root, "tests", testProject, "PublicApi.approved.txt");
        string actual = ApiText.Of(assembly);
        if (Environment.GetEnvironmentVariable(Update) == "1")
        {
            File.WriteAllText(path, actual);
        }

        string[] approved = File.Exists(path) ? File.ReadAllLines(path) : [];
        string[] lines = actual.TrimEnd('\n').Split('\n');
        string[] differences = [.. approved.Except(lines).Select(line => "- " + line.Trim()), .. lines.Except(approved).Select(line => "+ " + line.Trim())];
        Assert.True(
            approved.SequenceEqual(lines),
            $"The public surface changed. If that is intended, run the tests once with {Update}=1 and commit PublicApi.approved.txt.\n"
            + string.Join('\n', differences));
    }
}
