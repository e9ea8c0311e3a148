#!/usr/bin/env bash
# Rebuilds the plugins' .wasm beside their sources. Needs clang and lld with the wasm32 target (Debian: clang-19 lld-19). Linked by
# wasm-ld itself, because the clang driver runs wasm-opt where it is installed, which drops the names that backtraces show.
set -euo pipefail
cd "$(dirname "$0")"
cc=${CC:-clang-19} ld=${LD:-wasm-ld-19}
object=$(mktemp)
trap 'rm -f "$object"' EXIT
for source in *.c; do
    "$cc" --target=wasm32 -O1 -fno-builtin -Wall -Wextra -c -o "$object" "$source"
    "$ld" --no-entry -z stack-size=16384 -o "${source%.c}.wasm" "$object"
done
ls -l ./*.wasm
