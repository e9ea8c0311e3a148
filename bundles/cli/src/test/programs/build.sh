#!/usr/bin/env bash
# Builds the test programs with clang for WASI preview 1, and the expected output of files.c with a native build of it.
# Needs clang, lld, wasi-libc and compiler-rt for wasm32 (Debian: clang-19 lld-19 wasi-libc libclang-rt-19-dev-wasm32).
set -euo pipefail
cd "$(dirname "$0")"
out=../resources/programs
wasi=(--target=wasm32-wasi --sysroot=/usr -I/usr/include/wasm32-wasi -L/usr/lib/wasm32-wasi -Wall)
clang=${CLANG:-clang-19}
mkdir -p "$out"
for program in files process clocks escape; do
    "$clang" "${wasi[@]}" -Oz -s "$program.c" -o "$out/$program.wasm"
done
# In two steps, because clang lets wasm-opt take the names away when it optimizes and links at once.
"$clang" "${wasi[@]}" -O1 -Wno-unused-command-line-argument -c crash.c -o "$out/crash.o"
"$clang" "${wasi[@]}" -Wl,--strip-debug "$out/crash.o" -o "$out/crash.wasm"
rm "$out/crash.o"
"$clang" -O1 -D_GNU_SOURCE files.c -o /tmp/files-native.$$
scratch=$(mktemp -d)
(cd "$scratch" && /tmp/files-native.$$) >"$out/files.expected"
rm -rf "$scratch" /tmp/files-native.$$
chmod 644 "$out"/*
ls -l "$out"
