package org.sallyport.engine;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SortedMap;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.sallyport.codegen.NativeCodeGenerator;
import org.sallyport.codegen.bytecode.BytecodeBackEnd;
import org.sallyport.text.wast.Report;
import org.sallyport.text.wast.Report.Outcome;
import org.sallyport.wasm.Feature;

/** Writes {@code docs/conformance.md} from what the testsuite's scripts came to. */
final class Conformance {
    private static final List<String> KINDS = List.of(
            "assert_return", "assert_trap", "assert_exhaustion", "assert_exception", "assert_unlinkable",
            "assert_malformed", "assert_malformed_custom", "assert_invalid", "assert_invalid_custom");

    private final SortedMap<String, Report> reports = new TreeMap<>();

    void add(String script, Report report) {
        reports.put(script, report);
    }

    /** The document's place in the tree that the test runs in. */
    static Path file() {
        String root = System.getProperty("sallyport.root");
        Path folder = root == null ? Path.of("").toAbsolutePath() : Path.of(root);
        while (folder.getParent() != null && !Files.exists(folder.resolve("cnf/build.bnd"))) {
            folder = folder.getParent();
        }
        return folder.resolve("docs/conformance.md");
    }

    String document() {
        StringBuilder out = new StringBuilder("""
                # Conformance

                What the scripts of the WebAssembly testsuite came to on native x86-64 code, with optimization and
                guard pages. Written by `SuiteTest` of `runtime.engine` with `-Dbless=true`; the test fails when
                this file says something else than the run, and when anything fails. Left out of the suite is
                `proposals/custom-descriptors`. *Unsupported* is what needs a feature that the compiler
                refuses by name; it is never counted as passed. The suite passes likewise without optimization and
                with explicit bounds checks; the same test sees to that, unless `-Dsallyport.conformance=one` is
                set.

                """);
        groups().forEach((group, scripts) -> section(out, group, scripts));
        features(out);
        portable(out);
        return out.toString();
    }

    /** What the other back end lacks: a sentence for each feature would say no more. */
    private static void portable(StringBuilder out) {
        Set<Feature> missing = EnumSet.copyOf(new NativeCodeGenerator().features());
        missing.removeAll(new BytecodeBackEnd().features());
        out.append("""

                ## The portable back end

                Class files pass the same scripts (`PortableBackEndTest` of `itests/real`), but for those of proposals that
                it refuses by name:\s""");
        out.append(missing.isEmpty() ? "none" : missing.stream().map(Feature::text).collect(Collectors.joining(", ")));
        out.append(".\n");
    }

    /** Scripts by folder; those of vectors, half of the suite, apart. */
    private Map<String, List<Report>> groups() {
        Map<String, List<Report>> groups = new TreeMap<>();
        reports.forEach((name, report) -> groups.computeIfAbsent(group(name), _ -> new ArrayList<>()).add(report));
        return groups;
    }

    private static String group(String name) {
        int slash = name.lastIndexOf('/');
        if (slash >= 0) {
            return name.substring(0, slash);
        }
        return name.startsWith("simd_") || name.startsWith("relaxed_") || name.startsWith("i8x16_relaxed")
                ? "WebAssembly 3.0, vectors" : "WebAssembly 3.0";
    }

    private static void section(StringBuilder out, String group, List<Report> scripts) {
        Report sum = Report.sum(scripts);
        out.append("## ").append(group).append(": ").append(scripts.size()).append(" scripts\n\n");
        out.append("| | ran | passed | unsupported |\n|---|---:|---:|---:|\n");
        for (String kind : KINDS) {
            int passed = sum.count(kind, Outcome.PASSED);
            int unsupported = sum.count(kind, Outcome.UNSUPPORTED);
            int ran = passed + sum.count(kind, Outcome.FAILED);
            if (ran + unsupported > 0) {
                out.append("| ").append(kind).append(" | ").append(ran).append(" | ").append(passed).append(" | ")
                        .append(unsupported).append(" |\n");
            }
        }
        out.append('\n');
    }

    private void features(StringBuilder out) {
        Map<String, Map<String, Integer>> byFeature = new TreeMap<>();
        SortedSet<String> scripts = new TreeSet<>();
        for (Report.Result finding : Report.sum(reports.values()).findings()) {
            if (finding.outcome() == Outcome.UNSUPPORTED) {
                boolean assertion = KINDS.contains(finding.kind());
                byFeature.computeIfAbsent(finding.missing(), _ -> new TreeMap<>())
                        .merge(assertion ? "assertions" : "other", 1, Integer::sum);
                scripts.add(finding.file());
            }
        }
        if (scripts.isEmpty()) {
            out.append("Nothing is unsupported natively.\n");
            return;
        }
        out.append("## Unsupported, by feature\n\n| lacking | assertions | other commands |\n|---|---:|---:|\n");
        byFeature.forEach((feature, n) -> out.append("| ").append(feature).append(" | ")
                .append(n.getOrDefault("assertions", 0)).append(" | ")
                .append(n.getOrDefault("other", 0)).append(" |\n"));
        out.append("\nIn ").append(scripts.size()).append(" of ").append(reports.size()).append(" scripts.\n");
    }
}
