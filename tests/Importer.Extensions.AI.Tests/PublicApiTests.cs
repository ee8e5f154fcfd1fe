using Tests.Shared;

namespace Importer.Extensions.AI.Tests;

public sealed class PublicApiTests
{
    [Fact]
    public void The_public_surface_is_the_approved_one() => ApprovedApi.Check(typeof(ChatTemplate).Assembly, "Importer.Extensions.AI.Tests");
}
