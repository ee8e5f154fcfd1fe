# The built import-weights; sourced by ./import-weights after eng/setup.sh, with $top set.
#
# A build has a directory of its own, artifacts/import-weights/SOURCES-TORCH, whose name says what it was made of: a digest of
# the sources' content, and one of the torch they were built for. So a changed source, another TorchRuntime or TORCH_HOME and
# an upgraded libtorch are each noticed at the next start, which costs a few hundredths of a second.

builds="$top/artifacts/import-weights"

# Prints the directory of the build that belongs to the sources and the torch of this moment.
program_directory() {
    local sources torch
    sources=$(cd "$top" && find src mappings eng import-weights Directory.* \( -name bin -o -name obj \) -prune -o -type f -print0 |
        LC_ALL=C sort -z | xargs -0 cksum | cksum)
    torch=$(torch_text | cksum)
    printf '%s/%x-%x\n' "$builds" "${sources%% *}" "${torch%% *}"
}

# What of torch a build depends on: the runtime, and the place, date and size of the libtorch it was linked with.
torch_text() {
    local runtime directory
    runtime=$(torch_runtime)
    printf '%s' "$runtime"
    if [ "$runtime" = system ] && directory=$(libtorch); then
        printf ', libtorch in %s (%s)' "$directory" "$(stat -Lc '%Y, %s bytes' "$directory/libtorch_cpu.so" 2>/dev/null || true)"
    fi
    printf '\n'
}

is_built() {
    [ -f "$1/import-weights.dll" ] && [ -f "$1/.torch" ] && { [ -f "$1/libtorchsharp_system.so" ] || [ "$(torch_runtime)" != system ]; }
}

# Builds the program unless another start just has. Runs under the lock.
build_program() {
    prepare_machine
    local directory staging="$builds/.staging" log="$builds/.log" rid old
    directory=$(program_directory)
    ! is_built "$directory" || return 0

    if [ -d "$directory" ]; then
        say "A part of the built import-weights is missing. Building it again …"
    elif old=$(ls -d "${directory%-*}"-* 2>/dev/null); then
        say "Torch is another than import-weights was built for ($(torch_text); it was: $(cat $old/.torch 2>/dev/null)). Building it again …"
    elif ls -d "$builds"/*-* >/dev/null 2>&1; then
        say "The sources have changed since import-weights was built. Building it again …"
    else
        say "Building import-weights (once; later starts are immediate) …"
    fi

    rm -rf "$staging"
    # Compiled ahead of time it starts in half the time; where the compiler's package can't be had, it starts a little later.
    rid=$(dotnet --info | awk '$1 == "RID:" { print $2 }')
    if ! publish -r "$rid" --self-contained false -p:PublishReadyToRun=true && ! publish; then
        cat "$log" >&2
        die "The build failed; the lines above say why."
    fi
    torch_text >"$staging/.torch"

    # It appears whole. Programs that still run from an older build keep theirs; the others go.
    rm -rf "$directory"
    mv "$staging" "$directory"
    rm -f "$log"
    for old in "$builds"/*-*; do
        if [ "$old" != "$directory" ] && command -v flock >/dev/null 2>&1 && [ -d "$old" ]; then
            flock -n -x "$old" rm -rf "$old" || true
        fi
    done
}

publish() {
    rm -rf "$staging"
    dotnet publish "$top/src/Importer.Cli/Importer.Cli.csproj" -c Release -o "$staging" -v quiet --nologo "$@" >"$log" 2>&1
}

# Replaces this shell by the program, which holds a lock on its directory as long as it runs.
start_program() {
    local directory
    # A daemon may have closed them: the next file that is opened would be taken for one.
    [ -e /dev/fd/0 ] || exec 0</dev/null
    [ -e /dev/fd/1 ] || exec 1>/dev/null
    [ -e /dev/fd/2 ] || exec 2>/dev/null
    command -v dotnet >/dev/null 2>&1 || prepare_machine # which says so
    directory=$(program_directory)
    for _ in 1 2 3; do
        if is_built "$directory" && exec 8<"$directory" && { ! command -v flock >/dev/null 2>&1 || flock -s 8; } && is_built "$directory"; then
            exec dotnet "$directory/import-weights.dll" "$@"
        fi
        build_lock "$builds/.lock" build_program || exit $?
        directory=$(program_directory)
    done
    die "The build of import-weights disappears as soon as it is made: does something else clear $builds?"
}
