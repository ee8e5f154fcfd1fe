namespace PyTorchCheckpoints.Tests;

public sealed class StateDictSelectionTests
{
    private static readonly Action<PickleBuilder> Weights = p => p.Dict(("w", q => q.Tensor("0", 4)));

    [Theory]
    [InlineData("model")]
    [InlineData("state_dict")]
    [InlineData("model_state_dict")]
    [InlineData("module")]
    public void Finds_it_under_the_usual_keys(string key)
    {
        using PyTorchCheckpoint file = Open(p => p.Dict(("epoch", q => q.Int(3)), (key, Weights), ("ema", Weights), ("optimizer", q => q.Dict(("state", r => r.Op('}'))))));
        Assert.Equal(key, file.StateDict.Keys);
        Assert.Equal(["w"], file.StateDict.Tensors.Select(tensor => tensor.Name!));
        Assert.Equal([key, "ema"], file.Header.FindStateDicts());
        Assert.Equal("ema", file.Header.SelectStateDict("ema").Keys);
    }

    [Fact]
    public void Several_under_usual_keys_are_ambiguous_and_listed()
    {
        using PyTorchCheckpoint file = Open(p => p.Dict(("model", Weights), ("module", Weights)));
        StateDictException e = Assert.Throws<StateDictException>(() => file.StateDict);
        Assert.Equal(CheckpointErrorKind.AmbiguousStateDict, e.Kind);
        Assert.Equal(["model", "module"], e.Candidates);
        Assert.Contains("CheckpointReadOptions.StateDict", e.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void One_elsewhere_is_not_guessed_but_listed_and_can_be_chosen()
    {
        Action<PickleBuilder> root = p => p.Dict(("nets", q => q.Dict(("generator", Weights), ("critic", Weights))), ("step", q => q.Tensor("0", 4)));
        using PyTorchCheckpoint file = Open(root);
        StateDictException e = Assert.Throws<StateDictException>(() => file.StateDict);
        Assert.Equal(CheckpointErrorKind.NoStateDict, e.Kind);
        Assert.Equal(["nets/generator", "nets/critic"], e.Candidates);
        using PyTorchCheckpoint chosen = Open(root, new CheckpointReadOptions { StateDict = "nets/critic" });
        Assert.Equal("nets/critic", chosen.StateDict.Keys);
        Assert.Throws<StateDictException>(() => chosen.Header.SelectStateDict("nets"));
        Assert.Throws<StateDictException>(() => chosen.Header.SelectStateDict("nets/generator/w"));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void A_file_without_tensors_or_with_a_bare_tensor_has_none(bool tensor)
    {
        using PyTorchCheckpoint file = Open(p => _ = tensor ? p.Tensor("0", 4) : p.Dict(("lr", q => q.Float(0.1))));
        StateDictException e = Assert.Throws<StateDictException>(() => file.StateDict);
        Assert.Empty(e.Candidates);
        Assert.Equal(tensor ? CheckpointValueKind.Tensor : CheckpointValueKind.Dictionary, file.Header.Root.Kind);
    }

    [Fact]
    public void Extra_states_of_modules_are_let_through()
    {
        using PyTorchCheckpoint file = Open(p => p.Dict(("w", q => q.Tensor("0", 4)), ("norm._extra_state", q => q.None())));
        Assert.Equal(["w"], file.StateDict.Tensors.Select(tensor => tensor.Name!));
    }

    [Fact]
    public void Names_the_nearest_cause_of_a_missing_tensor()
    {
        using PyTorchCheckpoint file = Open(Weights);
        CheckpointNotFoundException e = Assert.Throws<CheckpointNotFoundException>(() => file.StateDict["transformer.w"]);
        Assert.Equal("transformer.w", e.TensorName);
        Assert.Contains("prefix", e.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Unknown_objects_outside_the_state_dict_are_inert_when_allowed()
    {
        Action<PickleBuilder> root = p => p.Dict(
            ("state_dict", Weights),
            ("hparams", q => q.Global("argparse", "Namespace").Op(')').Raw(0x81).Dict(("lr", r => r.Float(1))).Op('b')),
            ("callbacks", q => q.Global("os", "system").Text("echo").Raw(0x85).Op('R').Int(1).Int(2).Op('s').Int(3).Op('a')));
        Assert.Throws<ForbiddenGlobalException>(() => Open(root));
        using PyTorchCheckpoint file = Open(root, new CheckpointReadOptions { AllowOpaque = true });
        Assert.Equal("state_dict", file.StateDict.Keys);
        Assert.Equal("""{"class":"argparse.Namespace"}""", file.ToJson("hparams")!.ToJsonString());
        Assert.Equal("os.system", Assert.IsType<OpaqueValue>(((DictionaryValue)file.Header.Root)["callbacks"]).Name);
    }

    [Fact]
    public void An_unknown_object_inside_a_dictionary_of_tensors_makes_it_no_state_dict()
    {
        using PyTorchCheckpoint file = Open(
            p => p.Dict(("model", q => q.Dict(("w", r => r.Tensor("0", 4)), ("x", r => r.Global("a", "B").Op(')').Op('R'))))), new CheckpointReadOptions { AllowOpaque = true });
        Assert.Throws<StateDictException>(() => file.StateDict);
    }

    [Fact]
    public void Values_are_found_by_the_keys_that_lead_to_them()
    {
        using PyTorchCheckpoint file = Open(p => p.Dict(("a", q => q.Op('}').Int(7).Do(r => r.Ints(5, 6)).Op('s'))));
        Assert.True(file.Header.TryFind("a/7/1", out CheckpointValue? value));
        Assert.Equal(6, Assert.IsType<IntegerValue>(value).Value);
        Assert.False(file.Header.TryFind("a/7/2", out _));
        Assert.False(file.Header.TryFind("a/7/1/0", out _));
        Assert.True(file.Header.TryFind("", out value));
        Assert.Same(file.Header.Root, value);
    }

    private static PyTorchCheckpoint Open(Action<PickleBuilder> root, CheckpointReadOptions? options = null) =>
        Files.Open(ZipBuilder.Checkpoint(PickleBuilder.Start().Do(root).Stop(), ("0", new byte[16])).ToArray(), options);
}
