using Tests.Shared;

namespace SafeTensorSharp.Tests;

public sealed class PublicApiTests
{
    [Fact]
    public void The_public_surface_is_the_approved_one() => ApprovedApi.Check(typeof(SafeTensorFile).Assembly, "SafeTensorSharp.Tests");
}
