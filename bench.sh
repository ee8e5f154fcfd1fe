#!/usr/bin/env bash
# Measures, as ratios within one run. ./bench.sh lists what there is; ./bench.sh load runs one; ./bench.sh all runs all.
set -euo pipefail
top=$(cd "$(dirname "$(readlink -f "${BASH_SOURCE[0]}")")" && pwd)
. "$top/eng/setup.sh"
cd "$top"
prepare_machine
build_lock artifacts/import-weights/.lock dotnet build bench/Importer.Bench -c Release -v quiet --nologo >&2
exec dotnet bench/Importer.Bench/bin/Release/net10.0/Importer.Bench.dll "$@"
