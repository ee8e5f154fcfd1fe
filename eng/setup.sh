# Prepares a machine for this project; sourced by ./import-weights, ./test.sh and ./bench.sh.
#
# prepare_machine   finds the .NET SDK, a compiler and libtorch, or installs what is missing with apt, saying so first.
#                   Everything it prints goes to stderr. It returns at once when nothing is missing.
# torch_runtime     prints the runtime that a build takes: nuget, nuget-cuda or system (as eng/TorchRuntime.props).
# libtorch          prints the directory of the libtorch that the system runtime takes; fails where there is none.
# build_lock NAME COMMAND...   runs a command while no other start of these scripts builds.

say() { printf '%s\n' "$*" >&2; }
die() { say "$*"; exit 1; }

# MSBuild takes it from other directories than this one.
case "${TORCH_HOME:-}" in
    '' | /*) ;;
    *) export TORCH_HOME="$PWD/$TORCH_HOME" ;;
esac

# Where the distribution keeps its libraries and headers; tests put another place here.
distribution=/usr
other_torch="Or take the packages from NuGet:  export TorchRuntime=nuget"

prepare_machine() {
    command -v dotnet >/dev/null 2>&1 || die "The .NET 10 SDK is needed and 'dotnet' is not on the PATH. Install it (https://dot.net/download), then run this again."
    local version
    version=$(dotnet --version 2>/dev/null || true)
    case "$version" in
        1[0-9].*) ;;
        *) die "The .NET SDK 10 or newer is needed; 'dotnet --version' says '$version'. Install it (https://dot.net/download), then run this again." ;;
    esac

    case "${TorchRuntime:-}" in
        '' | system) ;;
        nuget | nuget-cuda) return 0 ;; # they bring their own libtorch
        *) die "TorchRuntime is '$TorchRuntime'; choose nuget, nuget-cuda or system." ;;
    esac
    [ "$(uname -s)" = Linux ] || return 0

    local missing=()
    if [ -n "${TORCH_HOME:-}" ]; then
        check_torch_home
    elif ! libtorch >/dev/null; then
        if ! command -v apt-get >/dev/null 2>&1; then
            # No apt: the packages from NuGet are the default there, so there is nothing to install.
            [ "${TorchRuntime:-}" != system ] || die "TorchRuntime is 'system' and no libtorch was found. Install your distribution's with its headers, or set TORCH_HOME to an unpacked one."
            return 0
        fi
        missing+=(libtorch-dev $(openmp_blas_packages))
    fi
    [ -n "${CXX:-}" ] || command -v c++ >/dev/null 2>&1 || command -v g++ >/dev/null 2>&1 || command -v clang++ >/dev/null 2>&1 || missing+=(g++)
    command -v cmake >/dev/null 2>&1 || missing+=(cmake)
    if [ ${#missing[@]} -gt 0 ]; then
        command -v apt-get >/dev/null 2>&1 || die "The system torch runtime is built with a C++ compiler and CMake. Install: ${missing[*]}. $other_torch"
        say "This machine lacks: ${missing[*]%-}"
        can_be_root || die "They can't be installed from here (neither root nor sudo). Run:  $(as_root_text apt-get install -y --no-install-recommends "${missing[@]}")
$other_torch"
        install_packages "${missing[@]}" || die "apt could not install them. To see why, run:  $(as_root_text apt-get install --no-install-recommends "${missing[@]}")
$other_torch"
    fi
    # An unpacked libtorch has a BLAS of its own.
    [ -n "${TORCH_HOME:-}" ] || prefer_openmp_blas
}

torch_runtime() {
    if [ -n "${TorchRuntime:-}" ]; then
        printf '%s\n' "$TorchRuntime"
    elif [ -n "${TORCH_HOME:-}" ] || libtorch >/dev/null; then
        printf 'system\n'
    else
        printf 'nuget\n'
    fi
}

libtorch() {
    local home="${TORCH_HOME:-$distribution}" place
    [ -e "$home/include/ATen/core/dispatch/Dispatcher.h" ] || return 1
    for place in lib lib64 lib/x86_64-linux-gnu lib/aarch64-linux-gnu; do
        if [ -e "$home/$place/libtorch_cpu.so" ]; then
            printf '%s\n' "$home/$place"
            return 0
        fi
    done
    return 1
}

# TORCH_HOME must be a libtorch with headers.
check_torch_home() {
    local remedy="Point it to an unpacked libtorch or to pip's site-packages/torch, or unset it."
    [ -d "$TORCH_HOME" ] || die "TORCH_HOME is '$TORCH_HOME', which is no directory. $remedy"
    if ! libtorch >/dev/null; then
        [ -e "$TORCH_HOME/include/ATen/core/dispatch/Dispatcher.h" ] || die "TORCH_HOME is '$TORCH_HOME', which has no headers of libtorch in include/. $remedy"
        die "TORCH_HOME is '$TORCH_HOME', which has no libtorch_cpu.so in lib/ or lib64/. $remedy"
    fi
}

build_lock() {
    local lock="$1" waiting="Another start is building; waiting for it …"
    shift
    mkdir -p "$(dirname "$lock")"
    (
        if command -v flock >/dev/null 2>&1 && ! flock -n 9; then
            say "$waiting"
            flock 9
        fi
        # Build servers outlive the build: they must not inherit the lock.
        "$@" 9>&-
    ) 9>"$lock"
}

can_be_root() {
    [ "$(id -u)" = 0 ] || { command -v sudo >/dev/null 2>&1 && { sudo -n true 2>/dev/null || [ -t 0 ]; }; }
}

as_root() {
    if [ "$(id -u)" = 0 ]; then "$@"; else sudo "$@"; fi
}

# The command that a person types to run something as root.
as_root_text() {
    if [ "$(id -u)" = 0 ]; then printf '%s' "$*"; elif command -v sudo >/dev/null 2>&1; then printf 'sudo %s' "$*"; else printf 'su -c "%s"' "$*"; fi
}

install_packages() {
    say "Installing:  $(as_root_text apt-get install -y --no-install-recommends "$@")"
    as_root apt-get update -q >&2 || say "apt-get update failed; trying with the package lists that are there."
    as_root env DEBIAN_FRONTEND=noninteractive apt-get install -y -q --no-install-recommends "$@" >&2
}

# What to ask apt for so that OpenBLAS's OpenMP build is used. Beside the pthread build, which has the higher priority, it
# would not be; so that one goes, or is not pulled in, unless something else on the machine would go with it.
openmp_blas_packages() {
    local goes
    printf 'libopenblas0-openmp'
    goes=$(LC_ALL=C apt-get -s install libopenblas0-openmp libopenblas0-pthread- 2>/dev/null | awk '$1 == "Remv" || $1 == "Purg" { print $2 }' || true)
    case "$goes" in '' | libopenblas0-pthread) printf ' libopenblas0-pthread-' ;; esac
    printf '\n'
}

# The links by which libtorch finds its BLAS and that lead to a slow one: "name status file", one a line.
slow_blas() {
    update-alternatives --get-selections 2>/dev/null |
        awk '$1 ~ /^(libblas\.so\.3|liblapack\.so\.3|libopenblas\.so\.0)(-|$)/ && $3 ~ /\/(openblas-pthread|blas|lapack)\// { print $1, $2, $3 }' || true
}

# Debian's pthread build of OpenBLAS fights torch's own threads for the cores (training takes 2.7 times as long), and the
# reference BLAS knows no vector instruction; the OpenMP build shares torch's threads.
prefer_openmp_blas() {
    command -v update-alternatives >/dev/null 2>&1 || return 0
    local slow name status file openmp by_hand=()
    slow=$(slow_blas)
    [ -n "$slow" ] || return 0
    read -r name status file <<<"$slow"
    say "The BLAS in use, $file, slows torch down."

    openmp=${file%/*}
    openmp=${openmp%/*}/openblas-openmp
    if [ ! -d "$openmp" ] && command -v apt-get >/dev/null 2>&1; then
        local packages
        read -ra packages <<<"$(openmp_blas_packages)"
        if ! can_be_root; then
            say "Better:  $(as_root_text apt-get install "${packages[@]}")"
            return 0
        fi
        install_packages "${packages[@]}" || { say "apt could not install a better one. To see why, run:  $(as_root_text apt-get install "${packages[@]}")"; return 0; }
        slow=$(slow_blas)
    fi

    while read -r name status file; do
        [ -n "$name" ] && [ -e "$openmp/${file##*/}" ] || continue
        local set=(update-alternatives --set "$name" "$openmp/${file##*/}")
        if [ "$status" = manual ] || ! can_be_root; then
            by_hand+=("$(as_root_text "${set[@]}")")
        else
            say "Making $openmp/${file##*/} the one that is used (undo with: $(as_root_text update-alternatives --auto "$name"))"
            as_root "${set[@]}" >&2 </dev/null || by_hand+=("$(as_root_text "${set[@]}")")
        fi
    done <<<"$slow"
    if [ ${#by_hand[@]} -gt 0 ]; then
        say "Better (it was chosen by hand, or takes root):"
        printf '  %s\n' "${by_hand[@]}" >&2
    fi
}
