#!/usr/bin/env bash
# Builds src/test/resources/dwarf anew: modules with DWARF 4 and 5, not optimized and optimized, split, packed, external; and
# FILE.expected, what llvm-symbolizer says of every address. Needs clang-19, lld-19 and llvm-19.
set -euo pipefail
cd "$(dirname "$0")"
out=$(cd ../resources/dwarf && pwd)
flags=(--target=wasm32 -g -fdebug-compilation-dir=.)
link() { wasm-ld-19 --no-entry --export=outer "$@"; }
expect() { # MODULE OBJECT: by address, which is the offset in the code section, function and place of what is innermost first
    local size=$((16#$(llvm-objdump-19 -h "$out/$1" | awk '$2 == "CODE" { print $3 }')))
    seq 1 $((size - 1)) | llvm-symbolizer-19 --no-demangle --functions=short --inlines --obj="$2" |
        awk -v RS= '{ gsub(/\n/, " "); print NR, $0 }' | grep -v '??' >"$out/$1.expected"
}
for version in 4 5; do
    for level in 0 2; do
        clang-19 "${flags[@]}" -gdwarf-$version -O$level -c trap.c -o trap.o
        link trap.o -o "$out/dwarf$version-O$level.wasm"
        expect dwarf$version-O$level.wasm "$out/dwarf$version-O$level.wasm"
    done
    clang-19 "${flags[@]}" -gdwarf-$version -gsplit-dwarf -O2 -c trap.c -o trap.o
    link trap.o -o "$out/split$version.wasm"
    cp trap.dwo "$out/split$version.dwo"
    llvm-dwp-19 trap.dwo -o "$out/split$version.dwp"
done
rm trap.o trap.dwo
