#!/usr/bin/env bash
# Prepares the machine, builds everything and runs every test. --nightly adds the long ones. Other arguments go to dotnet test.
set -euo pipefail
top=$(cd "$(dirname "$(readlink -f "${BASH_SOURCE[0]}")")" && pwd)
. "$top/eng/setup.sh"
cd "$top"
prepare_machine
if [ "${1:-}" = --nightly ]; then
    export NIGHTLY=1
    shift
fi

# Threads that wait for small operators give the processor away: on a shared machine they would otherwise keep each other from work.
export OMP_WAIT_POLICY=${OMP_WAIT_POLICY:-passive}

results=$(mktemp -d)
trap 'rm -rf "$results"' EXIT
build_lock artifacts/import-weights/.lock dotnet build Importer.sln -c Release -v quiet --nologo
status=0
for project in tests/*/*.Tests.csproj; do
    name=$(basename "$project" .csproj)
    # With TorchSharp's packages there is no system runtime to test.
    case "$name:$(torch_runtime)" in TorchSharp.SystemLibtorch.Tests:nuget*) continue ;; esac
    say "== $name"
    dotnet test "$project" -c Release --no-build --nologo -v quiet --logger "console;verbosity=minimal" --logger "trx;LogFileName=$name.trx" --results-directory "$results" "$@" >"$results/$name.log" 2>&1 || status=1
    grep -vE '^\s*$|Test run for|VSTest version|Starting test execution|A total of|Results File' "$results/$name.log" || true
done

# The counters of every project, added up.
counter() { cat "$results"/*.trx 2>/dev/null | grep -o "<Counters [^>]*" | sed -n "s/.* $1=\"\([0-9]*\)\".*/\1/p" | awk '{ sum += $1 } END { print sum + 0 }'; }
total=$(counter total) passed=$(counter passed) failed=$(counter failed) executed=$(counter executed)
[ "$total" -gt 0 ] || { say "No test ran."; status=1; }
echo "$passed passed, $failed failed, $((total - executed)) skipped"
exit $status
