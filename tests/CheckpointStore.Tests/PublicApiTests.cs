using Tests.Shared;

namespace CheckpointStorage.Tests;

public sealed class PublicApiTests
{
    [Fact]
    public void The_public_surface_is_the_approved_one() => ApprovedApi.Check(typeof(CheckpointStore).Assembly, "CheckpointStore.Tests");
}
