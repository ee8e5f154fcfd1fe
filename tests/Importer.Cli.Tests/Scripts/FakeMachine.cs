using System.Diagnostics;
using Tests.Shared;

namespace Importer.Cli.Tests.Scripts;

/// <summary>
/// A machine as the shell scripts see it: the tools on the PATH are this one's few and faked ones, so that nothing is ever
/// installed or changed here; libtorch and BLAS are empty files under a directory of the test's own.
/// </summary>
internal sealed class FakeMachine : IDisposable
{
    private static readonly string[] RealTools =
    [
        "awk", "bash", "cat", "cksum", "dirname", "env", "find", "flock", "grep", "ls", "mkdir", "mktemp", "mv", "readlink", "rm", "sleep", "sort", "stat",
        "touch", "tr", "xargs",
    ];

    private readonly TemporaryDirectory _directory = new();

    public FakeMachine()
    {
        Directory.CreateDirectory(_directory["bin"]);
        Directory.CreateDirectory(_directory["state"]);
        string[] places = Environment.GetEnvironmentVariable("PATH")!.Split(':');
        foreach (string tool in RealTools)
        {
            if (places.Select(place => Path.Combine(place, tool)).FirstOrDefault(File.Exists) is { } real)
            {
                File.CreateSymbolicLink(_directory["bin", tool], real);
            }
        }

        Tool("uname", "echo Linux");
        Tool("id", "echo 0");
        Tool("dotnet", "echo 10.0.100");
        Tool("g++", "exit 0");
        Tool("cmake", "exit 0");
        Tool("apt-get", """
            case "$1 $2" in
                "-s install") cat "$STATE/removes" 2>/dev/null; exit 0 ;;
                "update -q") exit 0 ;;
            esac
            [ ! -e "$STATE/apt-fails" ] || exit 100
            case " $* " in *" libtorch-dev "*)
                mkdir -p "$USR/lib/x86_64-linux-gnu" "$USR/include/ATen/core/dispatch"
                touch "$USR/lib/x86_64-linux-gnu/libtorch_cpu.so" "$USR/include/ATen/core/dispatch/Dispatcher.h" ;;
            esac
            case " $* " in *" libopenblas0-openmp "*)
                mkdir -p "$USR/lib/openblas-openmp"
                touch "$USR"/lib/openblas-openmp/{libblas.so.3,liblapack.so.3,libopenblas.so.0} ;;
            esac
            case " $* " in *" libopenblas0-pthread- "*)
                [ ! -e "$STATE/links" ] || awk '{ sub("openblas-pthread", "openblas-openmp"); print }' "$STATE/links" >"$STATE/links.new"
                [ ! -e "$STATE/links" ] || mv "$STATE/links.new" "$STATE/links" ;;
            esac
            """);
        Tool("update-alternatives", """
            case "$1" in
                --get-selections) cat "$STATE/links" 2>/dev/null ;;
                --set) awk -v name="$2" -v file="$3" '$1 == name { $2 = "manual"; $3 = file } { print }' "$STATE/links" >"$STATE/links.new" && mv "$STATE/links.new" "$STATE/links" ;;
            esac
            """);
    }

    /// <summary>A path in the machine's directory.</summary>
    public string this[params string[] parts] => _directory[parts];

    /// <summary>Every call of a faked tool, in order: its name and arguments.</summary>
    public IReadOnlyList<string> Calls => File.Exists(_directory["calls"]) ? File.ReadAllLines(_directory["calls"]) : [];

    /// <summary>The calls that change a machine.</summary>
    public IEnumerable<string> Changes => Calls.Where(call =>
        !call.StartsWith("apt-get -s", StringComparison.Ordinal) && (call.StartsWith("apt-get", StringComparison.Ordinal) || call.Contains("--set", StringComparison.Ordinal)));

    /// <summary>What the links of the BLAS point to now.</summary>
    public IReadOnlyList<string> Links => File.ReadAllLines(_directory["state", "links"]);

    /// <summary>Puts a faked tool on the PATH; null takes it away.</summary>
    public void Tool(string name, string? script)
    {
        string path = _directory["bin", name];
        File.Delete(path);
        if (script is null || OperatingSystem.IsWindows())
        {
            return;
        }

        File.WriteAllText(path, $"#!{_directory["bin", "bash"]}\nprintf '%s\\n' \"{name} $*\" >>\"$CALLS\"\n{script}\n");
        File.SetUnixFileMode(path, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
    }

    /// <summary>The user is not root; sudo is there or not, and asks for a password or not.</summary>
    public void IsNotRoot(bool sudo, bool password = false)
    {
        Tool("id", "echo 1000");
        Tool("sudo", sudo ? $"[ \"$1\" != -n ] || shift\n{(password ? "exit 1" : "exec \"$@\"")}" : null);
        Tool("true", "exit 0");
    }

    /// <summary>Sets something that a faked tool looks at.</summary>
    public void State(string name, string content = "") => File.WriteAllText(_directory["state", name], content);

    /// <summary>Makes an empty file, with its directory.</summary>
    public string Touch(params string[] parts)
    {
        string path = _directory[parts];
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        File.WriteAllText(path, "");
        return path;
    }

    /// <summary>A libtorch with headers at a place, its library in the given directory.</summary>
    public string Libtorch(string place, string library = "lib")
    {
        Touch(place, library, "libtorch_cpu.so");
        Touch(place, "include", "ATen", "core", "dispatch", "Dispatcher.h");
        return _directory[place];
    }

    /// <summary>The links by which the BLAS is found: status, then the directory that they point into.</summary>
    public void Blas(string status, string provider, params string[] installed)
    {
        string[] names = ["libblas.so.3", "liblapack.so.3", "libopenblas.so.0"];
        State("links", string.Concat(names.Select(name => $"{name}-x86_64-linux-gnu {status} {_directory["usr", "lib", provider, name]}\n")));
        foreach (string directory in installed.Append(provider))
        {
            Array.ForEach(names, name => Touch("usr", "lib", directory, name));
        }
    }

    /// <summary>Runs a bash command on this machine, without a terminal.</summary>
    public Outcome Run(string command, params (string Name, string Value)[] environment)
    {
        var start = new ProcessStartInfo(_directory["bin", "bash"], ["-c", command])
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            WorkingDirectory = _directory.Path,
        };
        start.Environment.Clear();
        start.Environment["PATH"] = _directory["bin"];
        start.Environment["HOME"] = _directory.Path;
        start.Environment["CALLS"] = _directory["calls"];
        start.Environment["STATE"] = _directory["state"];
        start.Environment["USR"] = _directory["usr"];
        foreach (var (name, value) in environment)
        {
            start.Environment[name] = value;
        }

        using var process = Process.Start(start)!;
        process.StandardInput.Close();
        var error = process.StandardError.ReadToEndAsync();
        string output = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        return new Outcome(process.ExitCode, output, error.Result);
    }

    /// <summary>Runs eng/setup.sh's preparation.</summary>
    public Outcome Prepare(params (string Name, string Value)[] environment) =>
        Run($"set -euo pipefail; . '{Path.Combine(Repository.Root, "eng", "setup.sh")}'; distribution=$USR; prepare_machine; echo ready", environment);

    public void Dispose() => _directory.Dispose();
}
