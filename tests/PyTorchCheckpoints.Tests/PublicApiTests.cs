using Tests.Shared;

namespace PyTorchCheckpoints.Tests;

public sealed class PublicApiTests
{
    [Fact]
    public void The_public_surface_is_the_approved_one() => ApprovedApi.Check(typeof(PyTorchCheckpoint).Assembly, "PyTorchCheckpoints.Tests");
}
