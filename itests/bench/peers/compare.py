#!/usr/bin/env python3
"""Kernels in Sallyport, Wasmtime and native code by the shortest of many short samples, in turn: figures that other work on the
machine hardly changes. Needs the harness set up in PEERS_WORK (see build.sh), PEERS its folder, and JAVA_HOME a JDK 25.

    PEERS=… PEERS_WORK=… itests/bench/peers/compare.py [-r ROUNDS] [-b CLASSPATH] [arx|simd|scalar|KERNEL]…

-b: another build's class path, as a column of its own. Prints microseconds of a run and the ratios of the first column.
"""
import argparse, json, math, os, subprocess, sys

HERE = os.path.dirname(os.path.abspath(__file__))
BENCH = os.path.dirname(HERE)
PEERS, WORK = os.environ["PEERS"], os.environ["PEERS_WORK"]
SAMPLES, MILLIS = "250", "1"
GROUPS = {
    "arx": "blake3 chacha sha512 blake2b matrix4 machine".split(),
    "simd": "matmul_simd pixels_simd chacha_simd blur_simd gemm8_simd base64_simd".split(),
    "scalar": "fib sieve matmul nbody mandel sha256 keccak hashtab bcinterp qsort bulk string".split(),
}
# rounds of the harness's kernels, for runs of a few milliseconds or less; those of our own, unless of the same name, are in rounds.txt
ROUNDS = dict(fib=24, sieve=1, matmul=1, nbody=2000, mandel=40, sha256=400, keccak=200, hashtab=100000, bcinterp=3000, qsort=1000,
              bulk=2000, string=500, matmul_simd=1, pixels_simd=10)
RESOURCES = BENCH + "/src/main/resources/kernels/"
for name in ("rounds.txt", "simd-rounds.txt"):
    ROUNDS.update((k, int(n)) for k, n in (line.split() for line in open(RESOURCES + name)) if k not in ROUNDS)


def is_own(kernel):
    return not os.path.exists(f"{WORK}/wasm/{kernel}.wasm")


def wasm(kernel):
    return RESOURCES + kernel + ".wasm" if is_own(kernel) else f"{WORK}/wasm/{kernel}.wasm"


def output(*command):
    done = subprocess.run(command, capture_output=True, text=True)
    if done.returncode:
        sys.exit(done.stderr[-2000:])
    return done.stdout


def sallyport(classpath):
    def run(kernel):
        best, _, check = output(os.environ["JAVA_HOME"] + "/bin/java", "-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC",
                                "--enable-native-access=ALL-UNNAMED", "-cp", classpath, "org.sallyport.bench.Shortest",
                                wasm(kernel), str(ROUNDS[kernel]), SAMPLES, MILLIS).split()
        return int(best), check
    return run


def result(text):
    r = json.loads(text)
    return min(r["unit_ns"]), str(r["check"])


def wasmtime(kernel):
    return result(output("python3", PEERS + "/wizer/adapter.py", f"wizer={WORK}/npm/node_modules/@bytecodealliance/wizer-linux-x64/wizer",
                         f"lib={WORK}/wizer", "kind=kernel", "wasm=" + wasm(kernel), f"n={ROUNDS[kernel]}", "iters=" + SAMPLES,
                         "min_ms=" + MILLIS, "warm_ms=50"))


def native(kernel):
    program = f"{WORK}/native/{kernel}"
    if is_own(kernel):
        source = f"{BENCH}/kernels/{kernel}.c"
        program = f"{BENCH}/target/native-{kernel}"
        if not os.path.exists(program):
            output("clang-19", "-O2", "-ffp-contract=off", "-o", program, PEERS + "/native/driver.c", source)
    return result(output(program, f"n={ROUNDS[kernel]}", "iters=" + SAMPLES, "min_ms=" + MILLIS, "warm_ms=50"))


def main():
    p = argparse.ArgumentParser()
    p.add_argument("-r", type=int, default=2)
    p.add_argument("-b")
    p.add_argument("kernels", nargs="*", default=["arx"])
    a = p.parse_args()
    engines = {"Sallyport": sallyport(f"{BENCH}/target/classes:{BENCH}/target/lib/*")}
    if a.b:
        engines["other"] = sallyport(a.b)
    engines.update(Wasmtime=wasmtime, native=native)
    others = [e for e in engines if e != "Sallyport"]
    print("%-12s" % "kernel", *["%10s" % e for e in engines], *["/%-9s" % e for e in others])
    sums, kernels = dict.fromkeys(others, 0.0), [k for g in a.kernels for k in GROUPS.get(g, [g])]
    for kernel in kernels:
        best, checks = {}, set()
        for _ in range(a.r):
            for name, run in engines.items():
                nanos, check = run(kernel)
                best[name] = min(nanos, best.get(name, nanos))
                checks.add(check)
        if len(checks) > 1:
            sys.exit(f"{kernel}: checksums differ: {checks}")
        ratios = [best["Sallyport"] / best[e] for e in others]
        for e, r in zip(others, ratios):
            sums[e] += math.log(r)
        print("%-12s" % kernel, *["%10.1f" % (best[e] / 1000) for e in engines], *["%10.3f" % r for r in ratios], flush=True)
    print("%-12s" % "geo. mean", *["%10s" % ""] * len(engines), *["%10.3f" % math.exp(sums[e] / len(kernels)) for e in others])


main()
