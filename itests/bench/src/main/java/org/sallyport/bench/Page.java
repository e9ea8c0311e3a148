package org.sallyport.bench;

import java.io.File;
import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Measures everything and writes {@code docs/performance.md} with its chart: {@code itests/bench/run page}. Peers that
 * are not there (Node.js, clang) have no column. With the property {@code peers}, the records of the side-by-side
 * harness (one JSON object per line) become a table, too.
 */
final class Page {
    private static final String OURS = Report.OURS;
    private static final String V8 = "V8";
    private static final String PEER = Report.PEER;
    private static final String NATIVE = Report.NATIVE;
    private static final String WASMTIME = "Wasmtime";
    private static final int PROCESS_RUNS = 7;
    private static final int PROGRAM_RUNS = 3;
    /** The launcher's start-up archive is made in the background, after the first start. */
    private static final Duration ARCHIVE = Duration.ofMinutes(2);

    private final Path root;
    private final Path work;
    private final Processes processes;

    private Page(Path root) throws IOException {
        this.root = root;
        work = Files.createTempDirectory("sallyport-page");
        processes = new Processes(root.toFile());
    }

    /** @param args the root of the project, then arguments of JMH */
    static void main(String[] args) throws Exception {
        Page page = new Page(Path.of(args[0]));
        Program.prepare(page.work);
        Table kernels = page.kernels(Arrays.copyOfRange(args, 1, args.length));
        Table programs = page.programs();
        Map<String, Double> costs = page.costs();
        Map<String, Double> first = page.firstResults();
        Table peers = peers(System.getProperty("peers"));
        page.write(kernels, programs, costs, first, peers);
        Processes.delete(page.work);
    }

    private static void say(String what) {
        System.err.println("page: " + what + " …");
    }

    // ---- measuring

    private Table kernels(String[] jmh) throws Exception {
        Map<String, Long> sums = Report.checksums();
        Table table = Report.kernels(jmh, sums);
        for (Map.Entry<String, Integer> kernel : Kernels.rounds().entrySet()) {
            String name = kernel.getKey();
            say("kernel " + name + " in V8");
            Path file = work.resolve(name + ".wasm");
            Files.write(file, Guest.bytes(name));
            Optional<String> out = node("kernel.mjs", file, kernel.getValue());
            if (out.isPresent()) {
                Report.check(name, V8, sums.get(name), Long.parseLong(out.get().split(" ")[1]));
                table.put(name, V8, number(out.get()));
            }
        }
        return table;
    }

    private Optional<String> node(String script, Object... args) throws InterruptedException {
        // with threads that collect garbage, Node.js 20 crashes in its own WASI
        List<String> command = new ArrayList<>(List.of(
                "node", "--no-warnings", "--no-liftoff", "--single-threaded-gc", "itests/bench/node/" + script));
        for (Object arg : args) {
            command.add(arg.toString());
        }
        return processes.output(command);
    }

    /** The first word of a line of output. */
    private static double number(String out) {
        return Double.parseDouble(out.split(" ")[0]);
    }

    /** Medians over processes, engines in turn: a process may be slow as a whole. */
    private Table programs() throws Exception {
        Table table = new Table();
        for (Program p : Program.values()) {
            Map<String, List<Double>> times = new LinkedHashMap<>();
            Set<String> lengths = new HashSet<>();
            for (int i = 0; i < PROGRAM_RUNS; i++) {
                for (String engine : p.engines()) {
                    if (engine.equals("sallyport") || i == 0) {
                        say(p + " in " + engine);
                        String name = engine.equals("sallyport") ? OURS : PEER;
                        processes.java(Program.class.getName(), engine, p, work)
                                .ifPresent(out -> note(times, lengths, name, out));
                    }
                }
                say(p + " in V8");
                node("program.mjs", p.protocol, work.resolve(p + ".wasm"), work.resolve(p.input))
                        .ifPresent(out -> note(times, lengths, V8, out));
            }
            if (lengths.size() > 1) {
                throw new IllegalStateException(p + ": results of different lengths: " + lengths);
            }
            times.forEach((engine, list) -> table.put(p.title, engine, median(list)));
        }
        return table;
    }

    private static void note(Map<String, List<Double>> times, Set<String> lengths, String engine, String out) {
        times.computeIfAbsent(engine, _ -> new ArrayList<>()).add(number(out));
        lengths.add(out.split(" ")[1]);
    }

    private static double median(List<Double> list) {
        return list.stream().sorted().toList().get(list.size() / 2);
    }

    private Map<String, Double> costs() throws Exception {
        say("calls, instances, compiling");
        Map<String, Double> costs = new LinkedHashMap<>();
        processes.java(Costs.class.getName()).ifPresent(out -> out.lines().forEach(line -> {
            String[] words = line.split(" ");
            costs.put(words[0].replace('_', ' '), Double.valueOf(words[1]));
        }));
        return costs;
    }

    private Map<String, Double> firstResults() throws Exception {
        awaitArchive();
        say("first results of fresh processes");
        String wasm = work.resolve(Program.JSON + ".wasm").toString();
        String function = "dprint_plugin_version_4";
        String cache = work.resolve("cache").toString();
        List<String> first = List.of(
                Processes.javaCommand(), "--enable-native-access=ALL-UNNAMED", "-XX:+UseSerialGC", "-cp",
                System.getProperty("java.class.path"), First.class.getName());
        Map<String, List<String>> commands = new LinkedHashMap<>();
        String launcher = new File(root.toFile(), "sallyport").toString();
        commands.put("`sallyport run --compile=eager`, no code cache",
                List.of(launcher, "run", "--no-cache", "--compile=eager", "--invoke", function, wasm));
        commands.put("`sallyport run`, no code cache", List.of(launcher, "run", "--no-cache", "--invoke", function, wasm));
        commands.put("`sallyport run`, from the code cache",
                List.of(launcher, "run", "--cache=" + cache, "--invoke", function, wasm));
        commands.put("plain Java with Sallyport", with(first, "sallyport", wasm, function));
        commands.put("plain Java with Chicory's compiler", with(first, "chicory", wasm, function));
        commands.put("`node`", List.of("node", "itests/bench/node/first.mjs", wasm, function));
        Map<String, Double> times = new LinkedHashMap<>();
        for (Map.Entry<String, List<String>> command : commands.entrySet()) {
            Double millis = processes.wallMillis(PROCESS_RUNS, command.getValue());
            if (millis != null) {
                times.put(command.getKey(), millis);
            }
        }
        return times;
    }

    private void awaitArchive() throws Exception {
        say("the launcher's start-up archive");
        String launcher = new File(root.toFile(), "sallyport").toString();
        processes.output(List.of(launcher, "version"));
        Path target = root.resolve("bundles/cli/target");
        for (long start = System.nanoTime(); System.nanoTime() - start < ARCHIVE.toNanos(); Thread.sleep(500)) {
            try (DirectoryStream<Path> archives = Files.newDirectoryStream(target, "start-*.aot")) {
                if (archives.iterator().hasNext()) {
                    return;
                }
            }
        }
        say("there is none; going on without");
    }

    private static List<String> with(List<String> command, String... args) {
        List<String> all = new ArrayList<>(command);
        all.addAll(List.of(args));
        return all;
    }

    private static final Pattern RECORD = Pattern.compile(
            "\"unit_ns\": \\[([^\\]]+)\\].*\"engine\": \"([\\w-]+)\", \"bench\": \"(\\w+)\", \"kind\": \"kernel\"");

    /** The harness's figures: medians of all samples. */
    private static Table peers(@Nullable String file) throws IOException {
        Table table = new Table();
        if (file == null) {
            return table;
        }
        Map<String, String> engines = Map.of(
                "native", NATIVE, "sallyport", OURS, "wasmtime", WASMTIME, "v8", V8, "chicory", PEER);
        Map<String, List<Double>> samples = new LinkedHashMap<>();
        for (String line : Files.readAllLines(Path.of(file))) {
            Matcher m = RECORD.matcher(line);
            if (m.find() && engines.containsKey(m.group(2))) {
                List<Double> list = samples.computeIfAbsent(
                        m.group(3) + ' ' + engines.get(m.group(2)), _ -> new ArrayList<>());
                Arrays.stream(m.group(1).split(", ")).map(Double::valueOf).forEach(list::add);
            }
        }
        samples.forEach((key, list) -> {
            list.sort(null);
            table.put(key.split(" ")[0], key.split(" ")[1], list.get(list.size() / 2));
        });
        return table;
    }

    // ---- writing

    private void write(
            Table kernels, Table programs, Map<String, Double> costs, Map<String, Double> first, Table peers)
            throws IOException {
        String text = Files.readString(Path.of(root.toString(), "itests/bench/performance-page.md"));
        String[] others = {OURS, WASMTIME, V8, PEER};
        Table charted = peers.isEmpty() ? kernels : peers;
        List<String> bars = charted.engines(OURS, WASMTIME, V8, PEER);
        Files.writeString(root.resolve("docs/performance.svg"), Chart.of(
                "Time relative to clang -O2 native code: shorter is faster, 1 is as fast", charted, NATIVE, bars, 7));
        String table = peers.isEmpty() ? "" : peers.ratios(
                "kernel", NATIVE, 1e6, "ms", peers.engines(others), Set.of());
        text = text.replace("{chart}", "![Time relative to native code](performance.svg)") // beside the page
                .replace("{peers}", peers.isEmpty() ? "(not measured this time)\n" : table)
                .replace("{kernels}", kernels.ratios("kernel", NATIVE, 1e3, "µs", kernels.engines(others), Report.BORDER))
                .replace("{programs}", programs.ratios("program", OURS, 1e6, "ms", programs.engines(V8, PEER), Set.of()))
                .replace("{calls}", calls(costs))
                .replace("{compile}", compiling(costs))
                .replace("{giants}", giants(costs))
                .replace("{first}", list("from the start of the process to its end", "ms", first))
                .replace("{machine}", Runtime.getRuntime().availableProcessors() + " processors, Java "
                        + Runtime.version().feature() + ", " + System.getProperty("os.name"));
        Files.writeString(root.resolve("docs/performance.md"), text);
        System.out.println(text);
    }

    private static String calls(Map<String, Double> costs) {
        Map<String, Double> named = new LinkedHashMap<>();
        named.put("Java calls a guest function (int, int) → int, exact method handle", costs.get("call-in ns"));
        named.put("the same of a function that is not [brief](decisions/brief-calls.md)", costs.get("call-in-loop ns"));
        named.put("a guest calls a Java function int → int, in a loop", costs.get("call-host ns"));
        named.put("Java calls a guest function that calls a Java function, and both return", costs.get("call-ask ns"));
        named.put("a guest calls a function that it imports from another instance, in a loop", costs.get("call-other ns"));
        named.put("a guest traps, caught in Java, with its backtrace", costs.get("trap ns"));
        named.put("open a store, instantiate, call, close", costs.get("instance-0 ns"));
        named.put("the same with 1 MiB of initial data", costs.get("instance-1MiB ns"));
        return list("what", "ns", named)
                + "\nBytes allocated per call in or out: " + Table.format(costs.get("call-bytes")) + ".\n";
    }

    private static String list(String what, String unit, Map<String, Double> figures) {
        StringBuilder out = new StringBuilder("| " + what + " | " + unit + " |\n|---|---:|\n");
        figures.forEach((name, value) -> out.append("| " + name + " | " + Table.format(value) + " |\n"));
        return out.toString();
    }

    private static String giants(Map<String, Double> costs) {
        StringBuilder out = new StringBuilder(
                "| of code | in functions of 70 bytes, ms | in one function, ms |\n|---|---:|---:|\n");
        for (int megabytes : new int[] {1, 7}) {
            out.append("| ").append(megabytes).append(" MB | ").append(Table.format(costs.get("giant-functions-" + megabytes)))
                    .append(" | ").append(Table.format(costs.get("giant-function-" + megabytes))).append(" |\n");
        }
        return out.toString();
    }

    private static String compiling(Map<String, Double> costs) {
        StringBuilder out = new StringBuilder("| module | code section, MB | MB/s per busy core, 1 thread | 2 threads "
                + "| wall ms, 1 thread | 2 threads | garbage, MB |\n|---|---:|---:|---:|---:|---:|---:|\n");
        for (Program p : Program.values()) {
            String key = "compile-" + p + "-";
            if (costs.containsKey(key + "code MB")) {
                out.append("| ").append(p.title);
                for (String figure : List.of("code MB", "cpu1 MB/s", "cpu2 MB/s", "wall1 ms", "wall2 ms", "alloc1 MB")) {
                    out.append(" | ").append(Table.format(costs.get(key + figure)));
                }
                out.append(" |\n");
            }
        }
        return out.toString();
    }
}
