using Importer.Models.Gpt;
using Tests.Shared;

namespace Importer.Tests;

public sealed class PublicApiTests
{
    [Fact]
    public void The_public_surface_is_the_approved_one() => ApprovedApi.Check(typeof(GptModel).Assembly, "Importer.Tests");
}
