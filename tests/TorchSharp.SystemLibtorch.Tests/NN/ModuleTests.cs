using Tests.Shared;
using TorchSharp.Modules;
using TorchSharp.Utils;
using static TorchSharp.torch;

namespace TorchSharp.SystemLibtorch.Tests.NN;

public sealed class ModuleTests
{
    [Fact]
    public void Fields_become_components_under_their_names()
    {
        using var model = new Model();
        Assert.Equal(
            ["scale", "first.weight", "first.bias", "h.0.ln.weight", "h.0.ln.bias", "h.0.c_proj.weight", "h.1.ln.weight", "h.1.ln.bias", "h.1.c_proj.weight"],
            model.named_parameters().Select(p => p.name));
        Assert.Equal(["mask"], model.named_buffers().Select(b => b.name));
        Assert.Equal(["first", "drop", "h"], model.named_children().Select(c => c.name));
        Assert.Equal(
            ["first", "drop", "h", "h.0", "h.1", "h.0.ln", "h.0.c_proj", "h.1.ln", "h.1.c_proj"],
            model.named_modules().Select(m => m.name));
        Assert.Equal(9, model.modules().Count());
        Assert.Equal(model.named_parameters().Select(p => p.name).Append("mask").Order(), model.state_dict().Keys.Order());
        Assert.Same(model.First.weight, model.get_parameter("first.weight"));
        Assert.Null(model.get_parameter("first.none"));
        Assert.True(model.has_parameter("h.1.c_proj.weight") && model.has_buffer("mask") && !model.has_buffer("scale"));
        Assert.NotNull(model.get_buffer("scratch"));
        Assert.Equal("Model", model.GetName());
    }

    [Fact]
    public void Names_are_used_once()
    {
        using var scope = NewDisposeScope();
        using var model = new Model();
        Assert.Throws<InvalidOperationException>(() => model.register_parameter("scale", new Parameter(ones(1))));
        Assert.Throws<InvalidOperationException>(() => model.register_buffer("mask", ones(1)));
        Assert.Throws<InvalidOperationException>(() => model.register_module("first", nn.Linear(1, 1)));
        Assert.Throws<ArgumentException>(() => model.register_module("a.b", nn.Linear(1, 1)));
        Assert.Throws<ArgumentNullException>(() => model.register_buffer("none", null!));
    }

    [Fact]
    public void A_parameter_in_two_places_is_listed_once_but_has_two_keys()
    {
        using var shared = new Parameter(ones(2, 2));
        using var model = nn.ModuleList<nn.Module>(nn.Linear(shared), nn.Linear(shared));
        using var parent = new Parent(model);
        Assert.Single(parent.parameters());
        Assert.Equal(["list.0.weight", "list.1.weight"], parent.state_dict().Keys);
    }

    [Fact]
    public void Moving_to_a_dtype_replaces_parameters_and_the_fields_that_hold_them()
    {
        using var scope = NewDisposeScope();
        using var model = new Model();
        var (oldScale, oldWeight) = (model.Scale, model.First.weight);
        model.call(ones(1, 4)).sum().backward();
        var moved = model.to(float64);
        Assert.Same(model, moved);
        Assert.All(model.parameters(), p => Assert.Equal(float64, p.dtype));
        Assert.All(model.parameters(), p => Assert.True(p.is_leaf && p.requires_grad));
        Assert.Equal(float64, model.Mask.dtype);
        Assert.NotSame(oldScale, model.Scale);
        Assert.True(oldScale.IsInvalid && oldWeight.IsInvalid);
        Assert.Same(model.Scale, model.get_parameter("scale"));
        Assert.Same(model.First.weight, model.get_parameter("first.weight"));
        Assert.Equal(float64, model.First.weight.grad!.dtype);
        Assert.Equal(float64, model.call(ones(1, 4, dtype: float64)).dtype);
        var weight = model.First.weight;
        model.@double().cpu();
        Assert.Same(weight, model.First.weight);
        Assert.Throws<ArgumentException>(() => model.to(int64));
    }

    [Fact]
    public void Parameters_survive_the_scope_that_the_model_was_made_and_moved_in()
    {
        Model model;
        using (NewDisposeScope())
        {
            model = new Model();
            foreach (var parameter in model.parameters())
                parameter.DetachFromDisposeScope();
            model.to(bfloat16);
        }
        Assert.All(model.parameters(), p => Assert.False(p.IsInvalid));
        model.Dispose();
    }

    [Fact]
    public void A_model_without_memory_shows_its_shapes()
    {
        using var scope = NewDisposeScope();
        using var layer = nn.Linear(50_000, 50_000, device: META);
        NumericAssert.Shape([50_000, 50_000], layer.weight);
        NumericAssert.Shape([3, 50_000], layer.call(empty(3, 50_000, device: META)));
        Assert.Throws<System.Runtime.InteropServices.ExternalException>(() => layer.to(CPU));
    }

    [Fact]
    public void Training_and_evaluation_reach_every_module()
    {
        using var model = new Model();
        Assert.All(model.modules().Append(model), m => Assert.True(m.training));
        model.eval();
        Assert.All(model.modules().Append(model), m => Assert.False(m.training));
        model.train();
        Assert.True(model.Drop.training);
        var seen = new List<string>();
        model.apply(m => seen.Add(m.GetName()));
        Assert.Equal(10, seen.Count);
        Assert.Equal("Model", seen[^1]);
    }

    [Fact]
    public void A_state_dict_loads_by_name()
    {
        using var scope = NewDisposeScope();
        using Model from = new(), to = new();
        var (missing, unexpected) = to.load_state_dict(from.state_dict());
        Assert.Empty(missing.Concat(unexpected));
        Assert.True(from.First.weight.Equals(to.First.weight));
        var partial = new Dictionary<string, Tensor> { ["scale"] = full(1, 9.0), ["none"] = ones(1) };
        Assert.Throws<InvalidOperationException>(() => to.load_state_dict(partial));
        (missing, unexpected) = to.load_state_dict(partial, strict: false);
        Assert.Equal(9, missing.Count);
        Assert.Equal(["none"], unexpected);
        Assert.Equal(9, to.Scale.ToSingle());
        to.load_state_dict(from.state_dict(), strict: true, skip: ["scale"]);
        Assert.Equal(9, to.Scale.ToSingle());
        Assert.True(to.Scale.requires_grad);
    }

    [Fact]
    public void Gradients_are_cleared_or_zeroed()
    {
        using var scope = NewDisposeScope();
        using var model = new Model();
        model.call(ones(1, 4)).sum().backward();
        Assert.NotNull(model.First.weight.grad);
        model.zero_grad(set_to_none: false);
        NumericAssert.Close([0], model.First.weight.grad!.abs().sum());
        model.zero_grad();
        Assert.All(model.parameters(), p => Assert.Null(p.grad));
    }

    [Fact]
    public void Disposing_a_model_disposes_all_of_it()
    {
        long live = LiveTensors.Settle();
        var model = new Model();
        model.Dispose();
        model.Dispose();
        Assert.True(model.First.weight.IsInvalid && model.Mask.IsInvalid && model.Scale.IsInvalid);
        Assert.Equal(live, Tensor.TotalCount);
    }

    [Fact]
    public void Hooks_see_and_change_what_passes()
    {
        using var scope = NewDisposeScope();
        using var layer = nn.Linear(2, 2, hasBias: false);
        var log = new List<string>();
        var pre = layer.register_forward_pre_hook((_, x) => { log.Add("pre"); return x * 0; });
        var post = layer.register_forward_hook((_, _, y) => { log.Add("post"); return y + 1; });
        var around = layer.register_forward_pre_hook(_ => log.Add("module pre"));
        layer.register_forward_hook(_ => log.Add("module post"));
        NumericAssert.Close([1, 1], layer.call(ones(2)));
        Assert.Equal(["module pre", "pre", "post", "module post"], log);
        pre.remove();
        post.remove();
        around.remove();
        log.Clear();
        layer.call(ones(2));
        Assert.Equal(["module post"], log);
    }

    [Fact]
    public void A_module_without_parameters_takes_none()
    {
        using var drop = nn.Dropout();
        using var x = ones(1);
        Assert.Throws<InvalidOperationException>(() => drop.register_buffer("x", x));
        Assert.Same(drop, drop.to(float64));
    }

    [Fact]
    public void Lists_hold_modules_in_order()
    {
        using var list = nn.ModuleList(nn.Linear(1, 1));
        list.append(nn.Linear(1, 2), nn.Linear(1, 3));
        Assert.Equal(3, list.Count);
        Assert.Equal([1L, 2, 3], list.Select(l => l.out_features));
        Assert.Equal(2, list.IndexOf(list[2]));
        Assert.True(list.Remove(list[0]));
        Assert.Equal(2, list.Count);
    }

#pragma warning disable IDE1006 // A field's name is its component's name.
    private sealed class Parent : nn.Module<Tensor, Tensor>
    {
        private readonly ModuleList<nn.Module> list;

        public Parent(ModuleList<nn.Module> list)
            : base(nameof(Parent))
        {
            this.list = list;
            RegisterComponents();
        }

        public override Tensor forward(Tensor input) => ((nn.Module<Tensor, Tensor>)list[0]).call(input);
    }

    private sealed class Model : nn.Module<Tensor, Tensor>
    {
        private readonly Linear first = nn.Linear(4, 4);
        private readonly Dropout drop = nn.Dropout(0);
        private readonly ModuleList<Block> h = nn.ModuleList(new Block(), new Block());
        private readonly Tensor[] ignored = [];
        private readonly Parameter scale = new(ones(1));
        private readonly Tensor mask = ones(4);

        public Model()
            : base(nameof(Model))
        {
            register_buffer("scratch", zeros(1), persistent: false);
            RegisterComponents();
            Assert.Empty(ignored);
        }

        public Linear First => first;

        public Dropout Drop => drop;

        public Parameter Scale => scale;

        public Tensor Mask => mask;

        public override Tensor forward(Tensor input)
        {
            var x = drop.call(first.call(input)) * scale * mask;
            foreach (var block in h)
                x = block.call(x);
            return x;
        }
    }

    private sealed class Block : nn.Module<Tensor, Tensor>
    {
        [ComponentName(Name = "ln")]
        private readonly LayerNorm _norm = nn.LayerNorm(4);

        [ComponentName(Name = "c_proj")]
        private readonly Linear _projection = nn.Linear(4, 4, hasBias: false);

        public Block()
            : base(nameof(Block)) => RegisterComponents();

        public override Tensor forward(Tensor input) => input + _projection.call(_norm.call(input));
    }
#pragma warning restore IDE1006
}
