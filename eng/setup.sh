# Prepares a machine for this project; sourced by ./import-weights, ./test.sh and ./bench.sh.
#
# prepare_machine   finds the .NET SDK, a compiler and libtorch, or installs what is missing with apt, saying so first.
#                   Everything it prints goes to stderr. It returns at once when nothing is missing.

say() { printf '%s\n' "$*" >&2; }
die() { say "$*"; exit 1; }

prepare_machine() {
    command -v dotnet >/dev/null 2>&1 || die "The .NET 10 SDK is needed and 'dotnet' is not on the PATH. Install it (https://dot.net/download), then run this again."
    case "$(dotnet --version 2>/dev/null)" in
        1[0-9].*) ;;
        *) die "The .NET SDK 10 or newer is needed; 'dotnet --version' says '$(dotnet --version 2>/dev/null)'. Install it (https://dot.net/download), then run this again." ;;
    esac

    # The packages of TorchSharp bring their own libtorch.
    case "${TorchRuntime:-}" in nuget | nuget-cuda) return 0 ;; esac
    case "$(uname -s)" in Linux) ;; *) return 0 ;; esac

    local missing=()
    [ -n "${TORCH_HOME:-}" ] || find_libtorch >/dev/null || missing+=(libtorch-dev libopenblas0-openmp)
    [ -z "${TORCH_HOME:-}" ] || [ -d "$TORCH_HOME/lib" ] || die "TORCH_HOME is '$TORCH_HOME', which has no lib/ directory. Point it to an unpacked libtorch or to pip's site-packages/torch."
    if [ ${#missing[@]} -gt 0 ] && ! command -v apt-get >/dev/null 2>&1; then
        # No apt: the packages from NuGet are the default there, so there is nothing to install.
        [ "${TorchRuntime:-}" != system ] || die "TorchRuntime is 'system' and no libtorch was found. Install your distribution's, or set TORCH_HOME to an unpacked one."
        return 0
    fi
    command -v g++ >/dev/null 2>&1 || missing+=(g++)
    command -v cmake >/dev/null 2>&1 || missing+=(cmake)
    if [ ${#missing[@]} -gt 0 ]; then install_packages "${missing[@]}"; fi
    prefer_openmp_blas
}

# The directory that holds the distribution's libtorch_cpu.so; fails when there is none.
find_libtorch() {
    local dir
    for dir in /usr/lib/x86_64-linux-gnu /usr/lib/aarch64-linux-gnu /usr/lib64 /usr/lib; do
        if [ -e "$dir/libtorch_cpu.so" ]; then printf '%s\n' "$dir"; return 0; fi
    done
    return 1
}

install_packages() {
    local sudo=() command="apt-get install -y --no-install-recommends $*"
    say "This machine lacks: $*"
    if [ "$(id -u)" != 0 ]; then
        command="sudo $command"
        if ! command -v sudo >/dev/null 2>&1 || ! { sudo -n true 2>/dev/null || [ -t 0 ]; }; then
            die "They can't be installed from here (no root, no sudo). Run:  $command
Or use the packages from NuGet instead:  export TorchRuntime=nuget"
        fi
        sudo=(sudo)
    fi
    say "Installing them (about 400 MB on disk):  $command"
    "${sudo[@]}" apt-get update -q >&2 || say "apt-get update failed; trying with the package lists that are there."
    "${sudo[@]}" env DEBIAN_FRONTEND=noninteractive apt-get install -y -q --no-install-recommends "$@" >&2 ||
        die "apt could not install them. Run it by hand to see why:  $command
Or use the packages from NuGet instead:  export TorchRuntime=nuget"
}

# Debian's pthread build of OpenBLAS fights torch's own threads for the cores; its OpenMP build shares them.
prefer_openmp_blas() {
    command -v update-alternatives >/dev/null 2>&1 || return 0
    local name current openmp sudo=()
    [ "$(id -u)" = 0 ] || sudo=(sudo -n)
    for name in $(update-alternatives --get-selections 2>/dev/null | awk '/^(libblas.so.3|liblapack.so.3|libopenblas.so.0)-/ {print $1}'); do
        current=$(update-alternatives --query "$name" 2>/dev/null | awk '/^Value:/ {print $2}')
        case "$current" in
            *openblas-pthread*)
                openmp=${current/openblas-pthread/openblas-openmp}
                if [ ! -e "$openmp" ]; then
                    say "The BLAS in use is $current, which slows torch down (2.7 times in training). Better:  sudo apt-get install libopenblas0-openmp"
                    return 0
                fi
                say "Making $openmp the BLAS that is used (undo with: update-alternatives --auto $name)"
                "${sudo[@]}" update-alternatives --set "$name" "$openmp" >&2 ||
                    say "That needs root. Run:  sudo update-alternatives --set $name $openmp"
                ;;
        esac
    done
}
