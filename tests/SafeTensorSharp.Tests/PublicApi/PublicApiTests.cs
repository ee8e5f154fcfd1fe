namespace SafeTensorSharp.Tests;

public sealed class PublicApiTests
{
    private const string Update = "SAFETENSORSHARP_UPDATE_API";

    [Fact]
    public void The_public_surface_is_the_approved_one()
    {
        string path = Path.Combine(Repository.Root, "tests", "SafeTensorSharp.Tests", "PublicApi", "PublicApi.approved.txt");
        string actual = ApiText.Of(typeof(SafeTensorFile).Assembly);
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
