using Tests.Shared;

namespace Importer.Training.Tests;

public sealed class PublicApiTests
{
    [Fact]
    public void The_public_surface_is_the_approved_one() => ApprovedApi.Check(typeof(TrainingRun).Assembly, "Importer.Training.Tests");
}
