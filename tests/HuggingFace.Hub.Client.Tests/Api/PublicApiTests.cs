namespace HuggingFace.Hub.Client.Tests;

public sealed class PublicApiTests
{
    [Fact]
    public async Task Public_surface_is_the_approved_one()
    {
        string folder = Path.Combine(AppContext.BaseDirectory, "Api");
        string approved = (await File.ReadAllTextAsync(Path.Combine(folder, "PublicApi.approved.txt"))).ReplaceLineEndings("\n");
        string received = ApiDump.Write(typeof(HubClient).Assembly);
        string file = Path.Combine(folder, "PublicApi.received.txt");
        await File.WriteAllTextAsync(file, received);

        // When the change is meant: copy the received file over Api/PublicApi.approved.txt.
        Assert.True(approved == received,
            $"The public surface has changed; compare {file} with the approved one:\n{FirstDifference(approved, received)}");
    }

    [Fact]
    public void Everything_that_is_thrown_is_of_one_family()
    {
        Type[] errors = [.. typeof(HubClient).Assembly.GetTypes().Where(type => type.IsAssignableTo(typeof(Exception)))];

        Assert.True(errors.Length > 15);
        Assert.All(errors, type =>
            Assert.True(type == typeof(HubException) || (type.IsAssignableTo(typeof(HubException)) && type.IsSealed), type.Name));
    }

    private static string FirstDifference(string approved, string received)
    {
        string[] old = approved.Split('\n'), now = received.Split('\n');
        string[] gone = [.. old.Except(now).Take(10)], added = [.. now.Except(old).Take(10)];
        return string.Join('\n', gone.Select(line => "- " + line).Concat(added.Select(line => "+ " + line)));
    }
}
