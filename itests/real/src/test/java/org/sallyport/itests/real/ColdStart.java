package org.sallyport.itests.real;

import com.sun.management.OperatingSystemMXBean;
import java.lang.management.ManagementFactory;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.ServiceLoader;
import java.util.concurrent.ForkJoinPool;
import org.sallyport.Config;
import org.sallyport.Engine;
import org.sallyport.Instance;
import org.sallyport.LinkedModule;
import org.sallyport.Module;
import org.sallyport.Store;
import org.sallyport.itests.inputs.RealInputs;
import org.sallyport.spi.CodeGenerator;
import org.sallyport.spi.CompiledModule;
import org.sallyport.spi.Loader;
import org.sallyport.spi.ValidModule;
import org.sallyport.spi.Validator;
import org.sallyport.wasm.WasmModule;

/**
 * Figures of a fresh JVM, one per line on standard output: name, blank, value.
 *
 * <ul>
 *   <li>{@code whole}: milliseconds from {@code byte[]} to the first formatted text, step by step as an embedder takes
 *       them
 *   <li>{@code stages}: the stages inside of {@code Engine.compile}, once cold and again until warm
 * </ul>
 */
final class ColdStart {
    private static final int WARM_ROUNDS = 15;

    private final Map<String, Double> figures = new LinkedHashMap<>();
    private long mark;

    public static void main(String[] args) {
        byte[] wasm = RealInputs.dprintJson();
        ColdStart run = new ColdStart();
        if (args[0].equals("whole")) {
            run.whole(wasm);
        } else {
            run.stages(wasm);
        }
        run.figures.forEach((name, value) -> System.out.printf("%s %.3f%n", name, value));
    }

    private void whole(byte[] wasm) {
        long start = System.nanoTime();
        mark = start;
        Engine engine = Engine.create();
        lap("engine ms");
        Module module = engine.compile(wasm);
        lap("compile ms");
        LinkedModule linked = engine.newLinker().link(module);
        lap("link ms");
        Store store = engine.newStore();
        Instance instance = linked.instantiate(store);
        lap("instantiate ms");
        DprintPlugin plugin = new DprintPlugin(instance);
        lap("bind, configure ms");
        String text = plugin.format("a.json", "{\"a\":[1,2,{\"b\":null}]}").text();
        lap("first format ms");
        figures.put("bytes to first result ms", (System.nanoTime() - start) / 1e6);
        if (!text.equals("{ \"a\": [1, 2, { \"b\": null }] }\n")) {
            throw new AssertionError(text);
        }
        engine.close();
        mark = System.nanoTime();
        try (Engine second = Engine.create(); Module again = second.compile(wasm)) {
            figures.put("second engine and compile ms", (System.nanoTime() - mark) / 1e6);
            assert again.name() != null;
        }
    }

    private void lap(String name) {
        long now = System.nanoTime();
        figures.put(name, (now - mark) / 1e6);
        mark = now;
    }

    private void stages(byte[] wasm) {
        Loader loader = ServiceLoader.load(Loader.class).findFirst().orElseThrow();
        Validator validator = ServiceLoader.load(Validator.class).findFirst().orElseThrow();
        CodeGenerator generator = ServiceLoader.load(CodeGenerator.class).findFirst().orElseThrow();
        Config config = Config.defaults();
        double megabytes = wasm.length / 1e6;
        for (int round = 0; round < WARM_ROUNDS; round++) {
            long start = System.nanoTime();
            WasmModule decoded = loader.load(wasm, config.features(), config.limits());
            long loaded = System.nanoTime();
            ValidModule valid =
                    validator.validate(decoded, config.features(), config.limits(), ForkJoinPool.commonPool());
            long validated = System.nanoTime();
            long busy = cpuNanos();
            CompiledModule compiled = generator.compile(valid, config.compile(), ForkJoinPool.commonPool());
            long done = System.nanoTime();
            if (round == 0 || round == WARM_ROUNDS - 1) {
                String when = round == 0 ? "cold " : "warm ";
                figures.put(when + "load ms", (loaded - start) / 1e6);
                figures.put(when + "validate ms", (validated - loaded) / 1e6);
                figures.put(when + "compile ms", (done - validated) / 1e6);
                figures.put(when + "compile, cpu ms", (cpuNanos() - busy) / 1e6);
                figures.put(when + "compile MB/s", megabytes / ((done - validated) / 1e9));
                figures.put(when + "all stages MB/s", megabytes / ((done - start) / 1e9));
                figures.put("code bytes per wasm byte", compiled.code().length / (double) wasm.length);
            }
        }
    }

    /** Processor time of all threads of this process, also of those that compile for the JVM. */
    private static long cpuNanos() {
        return ((OperatingSystemMXBean) ManagementFactory.getOperatingSystemMXBean()).getProcessCpuTime();
    }
}
