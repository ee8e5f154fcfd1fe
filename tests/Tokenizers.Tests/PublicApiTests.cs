using Tests.Shared;

namespace Tokenizers.Tests;

public sealed class PublicApiTests
{
    [Fact]
    public void The_public_surface_is_the_approved_one() => ApprovedApi.Check(typeof(PretrainedTokenizers.Tokenizer).Assembly, "Tokenizers.Tests");
}
