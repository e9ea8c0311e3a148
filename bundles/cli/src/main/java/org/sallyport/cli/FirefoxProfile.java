package org.sallyport.cli;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import org.sallyport.GuestFrame;
import org.sallyport.GuestSample;
import org.sallyport.SourcePosition;

/**
 * Samples as profiler.firefox.com reads them: the "processed profile format", version 47, whose tables are columns that name
 * rows of each other by number. Functions have their file and line where the module says so.
 */
final class FirefoxProfile {
    private static final int VERSION = 47;
    private static final int CATEGORY = 1;

    private final Map<String, Integer> strings = new LinkedHashMap<>();
    private final Map<List<Object>, Integer> functions = new LinkedHashMap<>();
    private final Map<List<Object>, Integer> frames = new LinkedHashMap<>();
    private final Map<List<Object>, Integer> stacks = new LinkedHashMap<>();

    /** Rows of frames by what is said of them: to ask for their sources takes time. */
    private final Map<String, Integer> known = new HashMap<>();

    private FirefoxProfile() {}

    static String of(String module, List<GuestSample> samples, Duration period) {
        Map<String, List<GuestSample>> byThread = new TreeMap<>();
        samples.forEach(sample -> byThread.computeIfAbsent(sample.thread(), _ -> new ArrayList<>()).add(sample));
        long start = samples.isEmpty() ? 0 : samples.getFirst().time();
        List<Object> threads = new ArrayList<>();
        byThread.forEach((name, own) -> threads.add(new FirefoxProfile().thread(module, name, own, start, threads.size())));
        Map<String, Object> profile = new LinkedHashMap<>();
        profile.put("meta", meta(module, period));
        profile.put("libs", List.of());
        profile.put("pages", List.of());
        profile.put("counters", List.of());
        profile.put("profilerOverhead", List.of());
        profile.put("threads", threads);
        return Json.write(profile);
    }

    private static Map<String, Object> meta(String module, Duration period) {
        Map<String, Object> meta = new LinkedHashMap<>();
        meta.put("version", 24);
        meta.put("preprocessedProfileVersion", VERSION);
        meta.put("product", HostText.shown(module));
        meta.put("interval", period.toNanos() / 1e6);
        meta.put("startTime", System.currentTimeMillis());
        meta.put("processType", 0);
        meta.put("stackwalk", 1);
        meta.put("debug", false);
        meta.put("symbolicated", true);
        meta.put("categories", List.of(category("Other", "grey"), category("WebAssembly", "purple")));
        meta.put("extensions", table("id", List.of(), "name", List.of(), "baseURL", List.of()));
        meta.put("markerSchema", List.of());
        return meta;
    }

    private static Map<String, Object> category(String name, String colour) {
        return Map.of("name", name, "color", colour, "subcategories", List.of("Other"));
    }

    private Map<String, Object> thread(String module, String name, List<GuestSample> samples, long start, int number) {
        List<Object> ends = new ArrayList<>();
        List<Object> times = new ArrayList<>();
        for (GuestSample sample : samples) {
            Integer stack = null;
            for (GuestFrame frame : sample.frames().reversed()) {
                stack = row(stacks, Arrays.asList(stack, frame(frame)));
            }
            ends.add(stack);
            times.add((sample.time() - start) / 1e6);
        }
        Map<String, Object> thread = new LinkedHashMap<>();
        thread.put("name", name);
        thread.put("processName", HostText.shown(module));
        thread.put("processType", "default");
        thread.put("isMainThread", number == 0);
        thread.put("pid", String.valueOf(ProcessHandle.current().pid()));
        thread.put("tid", number + 1);
        thread.put("registerTime", 0);
        thread.put("unregisterTime", null);
        thread.put("processStartupTime", 0);
        thread.put("processShutdownTime", null);
        thread.put("pausedRanges", List.of());
        thread.put("samples", samples(ends, times));
        thread.put("markers", table("data", List.of(), "name", List.of(), "startTime", List.of(), "endTime", List.of(),
                "phase", List.of(), "category", List.of()));
        thread.put("stackTable", table("prefix", column(stacks, 0), "frame", column(stacks, 1),
                "category", same(stacks, CATEGORY), "subcategory", same(stacks, 0)));
        thread.put("frameTable", table("func", column(frames, 0), "address", column(frames, 1), "line", column(frames, 2),
                "column", column(frames, 3), "category", same(frames, CATEGORY), "subcategory", same(frames, 0),
                "inlineDepth", same(frames, 0), "nativeSymbol", same(frames, null), "innerWindowID", same(frames, null),
                "implementation", same(frames, null)));
        thread.put("funcTable", table("name", column(functions, 0), "fileName", column(functions, 1),
                "isJS", same(functions, false), "relevantForJS", same(functions, false), "resource", same(functions, -1),
                "lineNumber", same(functions, null), "columnNumber", same(functions, null)));
        thread.put("resourceTable", table("lib", List.of(), "name", List.of(), "host", List.of(), "type", List.of()));
        thread.put("nativeSymbols", table("libIndex", List.of(), "address", List.of(), "name", List.of(),
                "functionSize", List.of()));
        thread.put("stringArray", List.copyOf(strings.keySet()));
        return thread;
    }

    private static Map<String, Object> samples(List<Object> stacks, List<Object> times) {
        Map<String, Object> samples = table("stack", stacks, "time", times);
        samples.put("weight", null);
        samples.put("weightType", "samples");
        return samples;
    }

    private int frame(GuestFrame frame) {
        return known.computeIfAbsent(frame.toString(), _ -> newFrame(frame));
    }

    private int newFrame(GuestFrame frame) {
        List<SourcePosition> sources = frame.sources();
        SourcePosition source = sources.isEmpty() ? null : sources.getLast();
        int name = row(strings, frame.module() + "!" + frame.functionName());
        Integer file = source == null ? null : row(strings, source.file());
        int function = row(functions, Arrays.asList(name, file));
        return row(frames, Arrays.asList(function, frame.offset(), source == null ? null : source.line(),
                source == null ? null : source.column()));
    }

    // ---- tables

    /** The number of a row; a new one if there is none like it. */
    private static <R> int row(Map<R, Integer> rows, R row) {
        Integer known = rows.putIfAbsent(row, rows.size());
        return known == null ? rows.size() - 1 : known;
    }

    private static List<Object> column(Map<List<Object>, Integer> rows, int column) {
        List<Object> all = new ArrayList<>();
        rows.keySet().forEach(row -> all.add(row.get(column)));
        return all;
    }

    private static List<Object> same(Map<List<Object>, Integer> rows, @Nullable Object value) {
        return new ArrayList<>(Collections.nCopies(rows.size(), value));
    }

    /** @param columns a name and a list for each, all of the same length */
    private static Map<String, Object> table(Object... columns) {
        Map<String, Object> table = new LinkedHashMap<>();
        for (int i = 0; i < columns.length; i += 2) {
            table.put((String) columns[i], columns[i + 1]);
        }
        table.put("length", ((List<?>) columns[1]).size());
        return table;
    }
}
