using Tests.Shared;

namespace Importer.Cli.Tests.Scripts;

/// <summary><c>./import-weights</c>: builds when there is a reason, says the reason, and starts at once when there is none.</summary>
public sealed class StartTests : IDisposable
{
    private readonly FakeMachine _machine = new();
    private readonly string _torch;

    public StartTests()
    {
        Skip.IfNot(OperatingSystem.IsLinux(), "locks of directories");
        foreach (string script in new[] { "import-weights", "eng/setup.sh", "eng/program.sh" })
        {
            string copy = _machine.Touch(["checkout", .. script.Split('/')]);
            File.Copy(Path.Combine(Repository.Root, script), copy, overwrite: true);
        }

        _machine.Touch("checkout", "Directory.Build.props");
        _machine.Touch("checkout", "mappings", "gpt2.json");
        File.WriteAllText(_machine.Touch("checkout", "src", "Program.cs"), "one");
        _torch = _machine.Libtorch("own");
        _machine.Tool("dotnet", """
            case "$1" in
                --version) echo 10.0.100 ;;
                --info) echo " RID:  linux-x64" ;;
                publish)
                    while [ "$1" != -o ]; do shift; done
                    sleep 0.2
                    [ ! -e "$STATE/build-fails" ] || { echo "error CS1002"; exit 1; }
                    mkdir -p "$2"
                    touch "$2/import-weights.dll" "$2/libtorchsharp_system.so" ;;
                *)
                    [ ! -e "$STATE/hold" ] || { touch "$STATE/holding"; exec sleep 60; }
                    [ -e "$1" ] && echo "started ${*:2}" && echo "$IMPORT_WEIGHTS_PROGRAM" >"$STATE/program" ;;
            esac
            """);
    }

    private int Builds => _machine.Calls.Count(call => call.StartsWith("dotnet publish", StringComparison.Ordinal));

    private string Built => Assert.Single(Directory.GetDirectories(_machine["checkout", "artifacts", "import-weights"]));

    public void Dispose() => _machine.Dispose();

    private Outcome Start(params (string Name, string Value)[] environment) =>
        _machine.Run("checkout/import-weights one two", environment.Length > 0 ? environment : [("TORCH_HOME", _torch)]);

    [SkippableFact]
    public void Builds_once_and_then_starts_at_once()
    {
        var first = Start();
        var second = Start();

        Assert.Equal((0, "started one two\n"), (first.Code, first.Out));
        Assert.Contains("Building import-weights (once", first.ErrorLine, StringComparison.Ordinal);
        Assert.Equal(new Outcome(0, "started one two\n", ""), second);
        Assert.Equal(1, Builds);
        Assert.Equal("checkout/import-weights\n", File.ReadAllText(_machine["state", "program"]));
    }

    [SkippableFact]
    public void A_changed_an_added_and_a_removed_source_each_build_again()
    {
        Start();
        string program = _machine["checkout", "src", "Program.cs"], added = _machine["checkout", "src", "Added.cs"];
        var changes = new List<Action>
        {
            () => { File.WriteAllText(program, "two"); File.SetLastWriteTimeUtc(program, DateTime.UnixEpoch); },
            () => File.WriteAllText(added, ""),
            () => File.Delete(added),
            () => File.AppendAllText(_machine["checkout", "mappings", "gpt2.json"], " "),
        };
        foreach (var change in changes)
        {
            int before = Builds;
            change();

            Assert.Contains("sources have changed", Start().ErrorLine, StringComparison.Ordinal);
            Assert.Equal("", Start().Error);
            Assert.Equal(before + 1, Builds);
        }

        Assert.NotEmpty(Built); // older builds are gone
    }

    [SkippableFact]
    public void What_a_build_leaves_in_the_sources_is_no_change()
    {
        Start();
        _machine.Touch("checkout", "src", "obj", "project.assets.json");
        _machine.Touch("checkout", "src", "bin", "Release", "Program.dll");

        Assert.Equal("", Start().Error);
    }

    [SkippableFact]
    public void Another_torch_builds_again_and_says_which_it_was()
    {
        Start();

        var packages = Start(("TorchRuntime", "nuget"));
        Assert.Contains("Torch is another", packages.ErrorLine, StringComparison.Ordinal);
        Assert.Contains("(nuget; it was: system, libtorch in " + _torch, packages.ErrorLine, StringComparison.Ordinal);

        Assert.Contains("Torch is another", Start(("TORCH_HOME", _machine.Libtorch("another"))).ErrorLine, StringComparison.Ordinal);

        File.AppendAllText(_machine["another", "lib", "libtorch_cpu.so"], "upgraded");
        Assert.Contains("Torch is another", Start(("TORCH_HOME", _machine["another"])).ErrorLine, StringComparison.Ordinal);
        Assert.Equal("", Start(("TORCH_HOME", _machine["another"])).Error);
        Assert.Equal("", Start(("TORCH_HOME", "another")).Error);
        Assert.Equal(4, Builds);
    }

    [SkippableTheory]
    [InlineData("import-weights.dll")]
    [InlineData("libtorchsharp_system.so")]
    public void A_missing_part_builds_again(string name)
    {
        Start();
        File.Delete(Path.Combine(Built, name));

        var again = Start();

        Assert.Equal((0, "started one two\n"), (again.Code, again.Out));
        Assert.Contains("is missing", again.ErrorLine, StringComparison.Ordinal);
        Assert.Equal(2, Builds);
    }

    [SkippableFact]
    public void Without_the_SDK_on_the_path_it_says_so_although_all_is_built()
    {
        Start();
        _machine.Tool("dotnet", null);

        var outcome = Start();

        Assert.Equal((1, ""), (outcome.Code, outcome.Out));
        Assert.Contains("'dotnet' is not on the PATH", outcome.ErrorLine, StringComparison.Ordinal);
    }

    [SkippableFact]
    public void Whoever_has_closed_the_standard_streams_gets_ones_of_nothing()
    {
        Start();
        _machine.Tool("dotnet", "exec 9>\"$STATE/streams\"; for i in 0 1 2; do readlink /proc/$$/fd/$i >&9; done");

        _machine.Run("checkout/import-weights <&- >&- 2>&-", ("TORCH_HOME", _torch));

        Assert.Equal(["/dev/null", "/dev/null", "/dev/null"], File.ReadAllLines(_machine["state", "streams"]));
    }

    [SkippableFact]
    public async Task Several_first_starts_at_once_build_once()
    {
        var outcomes = await Task.WhenAll(Enumerable.Range(0, 4).Select(_ => Task.Run(() => Start())));

        Assert.All(outcomes, outcome => Assert.Equal((0, "started one two\n"), (outcome.Code, outcome.Out)));
        Assert.Equal(1, Builds);
    }

    [SkippableFact]
    public void A_build_that_fails_shows_why_and_leaves_nothing_to_start()
    {
        _machine.State("build-fails");
        var failed = Start();
        Assert.Equal((1, ""), (failed.Code, failed.Out));
        Assert.Contains("error CS1002", failed.Error, StringComparison.Ordinal);

        File.Delete(_machine["state", "build-fails"]);
        Assert.Equal(0, Start().Code);
    }

    [SkippableFact]
    public void A_build_that_failed_leaves_the_older_one_in_its_place()
    {
        Start();
        string program = _machine["checkout", "src", "Program.cs"];
        File.WriteAllText(program, "broken");
        _machine.State("build-fails");
        Assert.Equal(1, Start().Code);

        File.WriteAllText(program, "one");

        Assert.Equal(new Outcome(0, "started one two\n", ""), Start());
    }

    [SkippableFact]
    public async Task A_program_that_runs_keeps_the_build_it_was_started_from()
    {
        Start();
        string first = Built;
        _machine.State("hold");
        _machine.Run(
            "checkout/import-weights >/dev/null 2>&1 & echo $! >\"$STATE/pid\"; while [ ! -e \"$STATE/holding\" ]; do sleep 0.05; done", ("TORCH_HOME", _torch));
        File.Delete(_machine["state", "hold"]);
        try
        {
            File.WriteAllText(_machine["checkout", "src", "Program.cs"], "two");
            Assert.Equal(0, Start().Code);
            Assert.True(File.Exists(Path.Combine(first, "import-weights.dll")));
        }
        finally
        {
            using var process = System.Diagnostics.Process.GetProcessById(int.Parse(File.ReadAllText(_machine["state", "pid"]), System.Globalization.CultureInfo.InvariantCulture));
            process.Kill(entireProcessTree: true);
            await process.WaitForExitAsync();
        }

        File.WriteAllText(_machine["checkout", "src", "Program.cs"], "three");
        Assert.Equal(0, Start().Code);
        Assert.False(Directory.Exists(first));
    }
}
