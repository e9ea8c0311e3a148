package org.sallyport.text.wast;

import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;

/** What became of the commands of one or more scripts. */
public final class Report {

    /** What became of a command. A command that could not be tried is UNSUPPORTED, never PASSED. */
    public enum Outcome {
        PASSED,
        FAILED,
        UNSUPPORTED
    }

    /**
     * @param kind keyword of the command
     * @param detail why it failed or was not tried; empty if it passed
     * @param missing the feature that an unsupported command lacks, as {@code tail-calls}, or else the instruction or
     *     construct; empty otherwise
     */
    public record Result(String file, int line, String kind, Outcome outcome, String detail, String missing) {
        /** {@code file:line: kind: detail}. */
        @Override
        public String toString() {
            return file + ":" + line + ": " + kind + (detail.isEmpty() ? "" : ": " + detail);
        }
    }

    private final Map<String, Map<Outcome, Integer>> counts = new TreeMap<>();
    private final List<Result> findings = new ArrayList<>();

    void add(Result result) {
        count(result.kind, result.outcome, 1);
        if (result.outcome != Outcome.PASSED) {
            findings.add(result);
        }
    }

    private void count(String kind, Outcome outcome, int n) {
        counts.computeIfAbsent(kind, _ -> new EnumMap<>(Outcome.class)).merge(outcome, n, Integer::sum);
    }

    /** The sum of several reports. */
    public static Report sum(Collection<Report> reports) {
        Report sum = new Report();
        reports.forEach(sum::add);
        return sum;
    }

    void add(Report other) {
        other.counts.forEach((kind, byOutcome) -> byOutcome.forEach((outcome, n) -> count(kind, outcome, n)));
        findings.addAll(other.findings);
    }

    public int count(Outcome outcome) {
        return counts.values().stream().mapToInt(m -> m.getOrDefault(outcome, 0)).sum();
    }

    /** @param kind keyword of the commands to count */
    public int count(String kind, Outcome outcome) {
        return counts.getOrDefault(kind, Map.of()).getOrDefault(outcome, 0);
    }

    /** Keywords of the commands that were counted, in alphabetical order. */
    public Set<String> kinds() {
        return Collections.unmodifiableSet(counts.keySet());
    }

    /** How many commands were unsupported for want of what, in alphabetical order. */
    public SortedMap<String, Integer> missing() {
        SortedMap<String, Integer> numbers = new TreeMap<>();
        for (Result finding : findings) {
            if (finding.outcome == Outcome.UNSUPPORTED) {
                numbers.merge(finding.missing, 1, Integer::sum);
            }
        }
        return numbers;
    }

    /** All commands that did not pass, in the order of the scripts. */
    public List<Result> findings() {
        return List.copyOf(findings);
    }

    public List<Result> failures() {
        return findings.stream().filter(f -> f.outcome == Outcome.FAILED).toList();
    }

    /** One line for each kind of command, and one for all. */
    @Override
    public String toString() {
        StringBuilder out = new StringBuilder();
        counts.keySet().forEach(kind -> row(
                out, kind, count(kind, Outcome.PASSED), count(kind, Outcome.FAILED), count(kind, Outcome.UNSUPPORTED)));
        row(out, "all", count(Outcome.PASSED), count(Outcome.FAILED), count(Outcome.UNSUPPORTED));
        return out.toString();
    }

    private static void row(StringBuilder out, String kind, int passed, int failed, int unsupported) {
        out.append(String.format("%-24s %6d passed %6d failed %6d unsupported%n", kind, passed, failed, unsupported));
    }
}
