#!/usr/bin/env bash
# Rebuilds the kernels' .wasm beside their sources. Needs clang and lld with the wasm32 target (Debian: clang-19 lld-19).
set -euo pipefail
cd "$(dirname "$0")"
cc=${CC:-clang-19} ld=${LD:-wasm-ld-19}
object=$(mktemp)
trap 'rm -f "$object"' EXIT
for source in *.c; do
    [ "$source" != native.c ] || continue
    simd=()
    case $source in *_simd.c) simd=(-msimd128) ;; esac
    "$cc" --target=wasm32 -O2 -mbulk-memory "${simd[@]}" -Wall -Wextra -c -o "$object" "$source"
    "$ld" --no-entry -o "../src/main/resources/kernels/${source%.c}.wasm" "$object"
done
