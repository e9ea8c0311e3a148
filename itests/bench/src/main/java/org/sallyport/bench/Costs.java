package org.sallyport.bench;

import com.sun.management.ThreadMXBean;
import java.lang.invoke.MethodHandle;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.MethodType;
import java.lang.management.ManagementFactory;
import java.util.Arrays;
import java.util.Map;
import java.util.TreeMap;
import org.sallyport.Config;
import org.sallyport.Engine;
import org.sallyport.Instance;
import org.sallyport.LinkedModule;
import org.sallyport.Linker;
import org.sallyport.Module;
import org.sallyport.Store;
import org.sallyport.TrapException;
import org.sallyport.text.Wat;
import org.sallyport.wasm.WasmModule.Range;

/**
 * What calls, instances and compiling cost in this JVM: lines of {@code key value}, medians of several samples. Each
 * sample begins warm except where the key says cold.
 */
final class Costs {
    private static final String WAT = """
            (module
              (import "env" "host" (func $host (param i32) (result i32)))
              (import "env" "add" (func $add (param i32 i32) (result i32)))
              (memory 1)
              (func (export "add") (param i32 i32) (result i32) (i32.add (local.get 0) (local.get 1)))
              (func (export "add-in-loop") (param i32 i32) (result i32)
                (loop (br_if 0 (i32.eqz (i32.const 1)))) (i32.add (local.get 0) (local.get 1)))
              (func (export "ask") (param i32) (result i32) (call $host (local.get 0)))
              (func (export "other") (param i32) (result i32)
                (loop (local.set 0 (call $add (local.get 0) (i32.const -1))) (br_if 0 (local.get 0)))
                (local.get 0))
              (func (export "boom") unreachable)
              (func (export "calls") (param i32) (result i32)
                (loop (drop (call $host (local.get 0)))
                  (br_if 0 (local.tee 0 (i32.sub (local.get 0) (i32.const 1)))))
                (i32.const 0)))
            """;
    private static final int SAMPLES = 15;
    private static final long WARM_NANOS = 2_000_000_000L;
    private static final Engine ENGINE = Engine.create();
    private static final Linker LINKER = ENGINE.newLinker().define("env", "host", host());
    private static final Instance INSTANCE = instance();
    private static final MethodHandle ADD = INSTANCE.func("add").handle();
    private static final MethodHandle ADD_IN_LOOP = INSTANCE.func("add-in-loop").handle();
    private static final MethodHandle ASK = INSTANCE.func("ask").handle();
    private static final MethodHandle OTHER = INSTANCE.func("other").handle();
    private static final MethodHandle CALLS = INSTANCE.func("calls").handle();

    private Costs() {}

    /** How often to do the thing, in one sample. */
    private interface Body {
        long run(int count) throws Throwable;
    }

    static void main() throws Throwable {
        calls();
        instances();
        Program[] programs = {Program.JSON, Program.MARKDOWN, Program.QUICKJS, Program.WAT2WASM};
        long warm = System.nanoTime() + 20 * WARM_NANOS;
        while (System.nanoTime() - warm < 0) {
            for (Program p : programs) {
                ENGINE.compile(p.wasm()).close();
            }
        }
        for (Program p : programs) {
            compiling(p);
        }
        ENGINE.close();
        for (int megabytes : new int[] {1, 7}) {
            giant("functions", megabytes, Giants.module(megabytes * 15_000, 60));
            giant("function", megabytes, Giants.module(1, megabytes << 20));
        }
    }

    private static Instance instance() {
        Store store = ENGINE.newStore();
        Instance other = LINKER.link(ENGINE.compile(Wat.compile("(module (func (export \"add\") (param i32 i32)"
                + " (result i32) (i32.add (local.get 0) (local.get 1))))"))).instantiate(store);
        return ENGINE.newLinker().define("env", "host", host()).define("env", "add", other.func("add"))
                .link(ENGINE.compile(Wat.compile(WAT))).instantiate(store);
    }

    private static MethodHandle host() {
        try {
            return MethodHandles.lookup()
                    .findStatic(Costs.class, "host", MethodType.methodType(int.class, int.class));
        } catch (ReflectiveOperationException e) {
            throw new AssertionError("BUG: host", e);
        }
    }

    private static int host(int x) {
        return x + 1;
    }

    private static void calls() throws Throwable {
        time("call-in", 1_000_000, n -> {
            int x = 0;
            for (int i = 0; i < n; i++) {
                x = (int) ADD.invokeExact(x, i);
            }
            return x;
        });
        time("call-in-loop", 1_000_000, n -> {
            int x = 0;
            for (int i = 0; i < n; i++) {
                x = (int) ADD_IN_LOOP.invokeExact(x, i);
            }
            return x;
        });
        time("call-ask", 1_000_000, n -> {
            int x = 0;
            for (int i = 0; i < n; i++) {
                x = (int) ASK.invokeExact(x);
            }
            return x;
        });
        time("call-host", 1_000_000, n -> (int) CALLS.invokeExact(n));
        time("call-other", 1_000_000, n -> (int) OTHER.invokeExact(n));
        time("trap", 2_000, n -> {
            int traps = 0;
            for (int i = 0; i < n; i++) {
                try {
                    INSTANCE.func("boom").call();
                } catch (TrapException e) {
                    traps++;
                }
            }
            return traps;
        });
        long before = allocated();
        long sum = 0;
        for (int i = 0; i < 1_000_000; i++) {
            sum += (int) ADD.invokeExact(1, i);
        }
        sum += (int) CALLS.invokeExact(1_000_000);
        long bytes = allocated() - before;
        System.out.printf("call-bytes %.3f%n", bytes / 2e6 + 0 * sum);
    }

    private static void instances() throws Throwable {
        String data = "0123456789abcdef".repeat(65536);
        for (String size : new String[] {"0", "1MiB"}) {
            LinkedModule linked = LINKER.link(ENGINE.compile(Wat.compile(
                    "(module (memory 32) (func (export \"f\") (param i32) (result i32) (i32.load8_u (local.get 0)))"
                            + (size.equals("0") ? ")" : "(data (i32.const 4096) \"" + data + "\"))"))));
            time("instance-" + size, 1_000, n -> {
                long sum = 0;
                for (int i = 0; i < n; i++) {
                    try (Store store = ENGINE.newStore()) {
                        sum += (int) linked.instantiate(store).func("f").handle().invokeExact(500_000);
                    }
                }
                return sum;
            });
        }
    }

    private static void time(String key, int count, Body body) throws Throwable {
        double[] samples = new double[SAMPLES];
        long warm = System.nanoTime() + WARM_NANOS;
        while (System.nanoTime() - warm < 0) {
            body.run(count);
        }
        for (int i = 0; i < SAMPLES; i++) {
            long start = System.nanoTime();
            long check = body.run(count);
            double nanos = (double) (System.nanoTime() - start) / count;
            samples[i] = check == Long.MIN_VALUE ? 0 : nanos;
        }
        print(key + " ns", samples);
    }

    private static void compiling(Program program) {
        byte[] wasm = program.wasm();
        Map<String, double[]> figures = new TreeMap<>();
        for (int threads : new int[] {1, 2}) {
            try (Engine engine = Engine.create(Config.defaults().withCompileThreads(threads))) {
                for (int i = -3; i < SAMPLES; i++) {
                    long cpu = cpuNanos();
                    long allocated = allocated();
                    long start = System.nanoTime();
                    try (Module module = engine.compile(wasm)) {
                        double wall = System.nanoTime() - start;
                        double used = cpuNanos() - cpu;
                        double code = size(module.validModule().module().codeSection());
                        put(figures, "wall" + threads + " ms", i, wall / 1e6);
                        put(figures, "cpu" + threads + " MB/s", i, code / 1e6 / (used / 1e9));
                        put(figures, "code MB", i, code / 1e6);
                        put(figures, "alloc" + threads + " MB", i, (allocated() - allocated) / 1e6);
                    }
                }
            }
        }
        figures.forEach((key, samples) -> print("compile-" + program + "-" + key, samples));
    }

    private static void giant(String kind, int megabytes, byte[] wasm) {
        try (Engine engine = Engine.create(Config.defaults().withCompileThreads(1))) {
            double[] samples = new double[3];
            for (int i = 0; i < samples.length; i++) {
                long start = System.nanoTime();
                engine.compile(wasm).close();
                samples[i] = (System.nanoTime() - start) / 1e6;
            }
            print("giant-" + kind + "-" + megabytes, samples);
        }
    }

    private static void put(Map<String, double[]> figures, String key, int i, double value) {
        figures.computeIfAbsent(key, _ -> new double[SAMPLES])[Math.max(i, 0)] = value;
    }

    private static long size(Range section) {
        return section.end() - section.start();
    }

    /** Of the whole process: also of the compiler's other threads, and of the JVM's own. */
    private static long cpuNanos() {
        return ((com.sun.management.OperatingSystemMXBean) ManagementFactory.getOperatingSystemMXBean())
                .getProcessCpuTime();
    }

    /** By this thread. */
    private static long allocated() {
        return ((ThreadMXBean) ManagementFactory.getThreadMXBean()).getCurrentThreadAllocatedBytes();
    }

    private static void print(String key, double[] samples) {
        Arrays.sort(samples);
        System.out.printf("%s %.3f%n", key.replace(' ', '_'), samples[samples.length / 2]);
    }
}
