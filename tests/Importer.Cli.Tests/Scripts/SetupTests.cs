namespace Importer.Cli.Tests.Scripts;

/// <summary>What the first start does to a machine: says it first, does no more than needed, and where it can't, says how.</summary>
public sealed class SetupTests : IDisposable
{
    private const string Install = "apt-get install -y -q --no-install-recommends ";
    private readonly FakeMachine _machine = new();

    public SetupTests() => Skip.IfNot(OperatingSystem.IsLinux(), "the scripts install on Linux only");

    public void Dispose() => _machine.Dispose();

    [SkippableFact]
    public void A_machine_that_has_everything_is_left_alone_in_silence()
    {
        _machine.Libtorch("usr", "lib/x86_64-linux-gnu");
        _machine.Blas("auto", "openblas-openmp");

        Assert.Equal(new Outcome(0, "ready\n", ""), _machine.Prepare());
        Assert.Empty(_machine.Changes);
    }

    [SkippableFact]
    public void Libtorch_and_the_OpenMP_BLAS_are_installed_and_that_is_said_first()
    {
        var outcome = _machine.Prepare();

        Assert.Equal((0, "ready\n"), (outcome.Code, outcome.Out));
        Assert.Equal(["apt-get update -q", Install + "libtorch-dev libopenblas0-openmp libopenblas0-pthread-"], _machine.Changes);
        Assert.Contains("This machine lacks: libtorch-dev", outcome.Error, StringComparison.Ordinal);
        Assert.Contains("Installing:  apt-get install", outcome.Error, StringComparison.Ordinal);
    }

    [SkippableFact]
    public void Who_is_not_root_installs_through_sudo()
    {
        _machine.IsNotRoot(sudo: true);
        _machine.Tool("cmake", null);

        var outcome = _machine.Prepare();

        Assert.Equal(0, outcome.Code);
        Assert.Contains("sudo env DEBIAN_FRONTEND=noninteractive " + Install + "libtorch-dev libopenblas0-openmp libopenblas0-pthread- cmake", _machine.Calls);
        Assert.Contains("Installing:  sudo apt-get install", outcome.Error, StringComparison.Ordinal);
    }

    [SkippableTheory]
    [InlineData(true, "sudo apt-get install -y --no-install-recommends libtorch-dev libopenblas0-openmp libopenblas0-pthread-\n")]
    [InlineData(false, "su -c \"apt-get install -y --no-install-recommends libtorch-dev libopenblas0-openmp libopenblas0-pthread-\"\n")]
    public void Where_nobody_can_become_root_the_exact_command_is_printed(bool sudo, string command)
    {
        _machine.IsNotRoot(sudo, password: true);

        var outcome = _machine.Prepare();

        Assert.Equal((1, ""), (outcome.Code, outcome.Out));
        Assert.Contains("Run:  " + command, outcome.Error, StringComparison.Ordinal);
        Assert.Contains("TorchRuntime=nuget", outcome.Error, StringComparison.Ordinal);
        Assert.DoesNotContain("not found", outcome.Error, StringComparison.Ordinal);
        Assert.Empty(_machine.Changes);
    }

    [SkippableFact]
    public void An_installation_that_fails_says_which_command_shows_why()
    {
        _machine.State("apt-fails");

        var outcome = _machine.Prepare();

        Assert.Equal((1, ""), (outcome.Code, outcome.Out));
        Assert.Contains("run:  apt-get install --no-install-recommends libtorch-dev", outcome.Error, StringComparison.Ordinal);
    }

    [SkippableFact]
    public void The_pthread_BLAS_is_replaced_by_the_OpenMP_one()
    {
        _machine.Libtorch("usr", "lib/x86_64-linux-gnu");
        _machine.Blas("auto", "openblas-pthread");
        _machine.State("removes", "Remv libopenblas0-pthread [0.3.21]\n");

        var outcome = _machine.Prepare();

        Assert.Equal((0, "ready\n"), (outcome.Code, outcome.Out));
        Assert.Equal(["apt-get update -q", Install + "libopenblas0-openmp libopenblas0-pthread-"], _machine.Changes);
        Assert.All(_machine.Links, link => Assert.Contains("openblas-openmp", link, StringComparison.Ordinal));
    }

    [SkippableFact]
    public void The_pthread_BLAS_stays_installed_where_something_else_would_go_with_it()
    {
        _machine.Libtorch("usr", "lib/x86_64-linux-gnu");
        _machine.Blas("auto", "openblas-pthread");
        _machine.State("removes", "Remv numpy-dev [1]\nRemv libopenblas0-pthread [0.3.21]\n");

        Assert.Equal(0, _machine.Prepare().Code);
        Assert.Contains(Install + "libopenblas0-openmp", _machine.Changes);
        Assert.Equal(3, _machine.Changes.Count(call => call.StartsWith("update-alternatives --set", StringComparison.Ordinal)));
        Assert.All(_machine.Links, link => Assert.Contains("openblas-openmp", link, StringComparison.Ordinal));
    }

    [SkippableTheory]
    [InlineData("openblas-pthread")]
    [InlineData("blas")]
    public void Where_both_are_installed_the_links_are_set(string provider)
    {
        _machine.Libtorch("usr", "lib/x86_64-linux-gnu");
        _machine.Blas("auto", provider, "openblas-openmp");

        var outcome = _machine.Prepare();

        Assert.Equal(0, outcome.Code);
        Assert.Contains("undo with: update-alternatives --auto libblas.so.3-x86_64-linux-gnu", outcome.Error, StringComparison.Ordinal);
        Assert.DoesNotContain(_machine.Changes, call => call.StartsWith("apt-get", StringComparison.Ordinal));
        Assert.All(_machine.Links, link => Assert.Contains("openblas-openmp", link, StringComparison.Ordinal));
    }

    [SkippableTheory]
    [InlineData(true, "sudo apt-get install libopenblas0-openmp libopenblas0-pthread-\n")]
    [InlineData(false, "su -c \"apt-get install libopenblas0-openmp libopenblas0-pthread-\"\n")]
    public void A_slow_BLAS_stops_nobody_who_cannot_become_root(bool sudo, string command)
    {
        _machine.Libtorch("usr", "lib/x86_64-linux-gnu");
        _machine.Blas("auto", "openblas-pthread");
        _machine.IsNotRoot(sudo, password: true);

        var outcome = _machine.Prepare();

        Assert.Equal((0, "ready\n"), (outcome.Code, outcome.Out));
        Assert.Contains("Better:  " + command, outcome.Error, StringComparison.Ordinal);
        Assert.DoesNotContain("not found", outcome.Error, StringComparison.Ordinal);
        Assert.Empty(_machine.Changes);
    }

    [SkippableFact]
    public void Links_that_cannot_be_set_are_said_with_their_commands()
    {
        _machine.Libtorch("usr", "lib/x86_64-linux-gnu");
        _machine.Blas("auto", "openblas-pthread", "openblas-openmp");
        _machine.IsNotRoot(sudo: false);

        var outcome = _machine.Prepare();

        Assert.Equal((0, "ready\n"), (outcome.Code, outcome.Out));
        Assert.Contains($"su -c \"update-alternatives --set liblapack.so.3-x86_64-linux-gnu {_machine["usr", "lib", "openblas-openmp", "liblapack.so.3"]}\"", outcome.Error, StringComparison.Ordinal);
        Assert.DoesNotContain("not found", outcome.Error, StringComparison.Ordinal);
        Assert.Empty(_machine.Changes);
    }

    [SkippableFact]
    public void A_BLAS_that_was_chosen_by_hand_is_left_with_advice()
    {
        _machine.Libtorch("usr", "lib/x86_64-linux-gnu");
        _machine.Blas("manual", "openblas-pthread", "openblas-openmp");

        var outcome = _machine.Prepare();

        Assert.Equal(0, outcome.Code);
        Assert.Contains("chosen by hand", outcome.Error, StringComparison.Ordinal);
        Assert.Empty(_machine.Changes);
    }

    [SkippableTheory]
    [InlineData("lib")]
    [InlineData("lib64")]
    [InlineData("lib/x86_64-linux-gnu")]
    public void A_libtorch_of_ones_own_is_taken_with_the_BLAS_that_it_brings(string library)
    {
        string home = _machine.Libtorch("own", library);
        _machine.Blas("auto", "openblas-pthread");

        Assert.Equal(new Outcome(0, "ready\n", ""), _machine.Prepare(("TORCH_HOME", home)));
        Assert.Equal(new Outcome(0, "ready\n", ""), _machine.Prepare(("TORCH_HOME", "own")));
        Assert.Empty(_machine.Changes);
    }

    [SkippableTheory]
    [InlineData("nowhere", "no directory")]
    [InlineData("bare", "no headers")]
    [InlineData("headers", "no libtorch_cpu.so")]
    public void A_TORCH_HOME_that_is_none_is_refused_in_one_line(string home, string problem)
    {
        _machine.Touch("bare", "lib", "libtorch_cpu.so");
        _machine.Touch("headers", "include", "ATen", "core", "dispatch", "Dispatcher.h");

        var outcome = _machine.Prepare(("TORCH_HOME", _machine[home]));

        Assert.Equal((1, ""), (outcome.Code, outcome.Out));
        Assert.Contains(problem, outcome.ErrorLine, StringComparison.Ordinal);
        Assert.Contains("unset it", outcome.ErrorLine, StringComparison.Ordinal);
        Assert.Empty(_machine.Changes);
    }

    [SkippableFact]
    public void Without_apt_the_packages_are_taken_unless_the_system_runtime_is_asked_for()
    {
        _machine.Tool("apt-get", null);

        Assert.Equal(new Outcome(0, "ready\n", ""), _machine.Prepare());
        var refused = _machine.Prepare(("TorchRuntime", "system"));
        Assert.Equal(1, refused.Code);
        Assert.Contains("no libtorch was found", refused.ErrorLine, StringComparison.Ordinal);
    }

    [SkippableTheory]
    [InlineData("nuget")]
    [InlineData("nuget-cuda")]
    public void The_packages_need_nothing_of_the_machine(string runtime)
    {
        _machine.Tool("cmake", null);

        Assert.Equal(new Outcome(0, "ready\n", ""), _machine.Prepare(("TorchRuntime", runtime)));
        Assert.Empty(_machine.Changes);
    }

    [SkippableFact]
    public void An_unknown_runtime_is_refused()
    {
        var outcome = _machine.Prepare(("TorchRuntime", "cuda"));
        Assert.Equal(1, outcome.Code);
        Assert.Contains("nuget, nuget-cuda or system", outcome.ErrorLine, StringComparison.Ordinal);
    }

    [SkippableTheory]
    [InlineData(null)]
    [InlineData("echo 8.0.400")]
    [InlineData("exit 1")]
    public void Without_the_SDK_it_says_where_to_get_it(string? dotnet)
    {
        _machine.Tool("dotnet", dotnet);

        var outcome = _machine.Prepare();

        Assert.Equal(1, outcome.Code);
        Assert.Contains("dot.net/download", outcome.ErrorLine, StringComparison.Ordinal);
    }
}
