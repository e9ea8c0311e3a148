#!/usr/bin/env bash
# Compiles the kernels natively (clang -O2, no fused multiply-add so that checksums agree) and prints for each: kernel, rounds, median ns per run,
# checksum. Reads the rounds from rounds.txt, as the JMH benchmarks do.
set -euo pipefail
cd "$(dirname "$0")"
cc=${CC:-clang-19}
command -v "$cc" >/dev/null || { echo "native.sh: $cc is not installed (Debian: apt-get install clang-19)" >&2; exit 1; }
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
while read -r kernel rounds; do
    flags=()
    [ "$kernel" != callin ] || flags+=(-DCALL_IN)
    "$cc" -O2 -ffp-contract=off "${flags[@]}" -o "$work/$kernel" native.c "$kernel.c" -lm
    echo "$kernel $rounds $("$work/$kernel" "$rounds")"
done < ../src/main/resources/kernels/rounds.txt
