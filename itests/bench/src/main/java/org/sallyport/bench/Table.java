package org.sallyport.bench;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Figures of several engines for several things, as they stand in a table of ratios or in a chart. */
final class Table {
    private final Map<String, Map<String, Double>> rows = new LinkedHashMap<>();

    void put(String row, String engine, double value) {
        rows.computeIfAbsent(row, _ -> new LinkedHashMap<>()).put(engine, value);
    }

    @Nullable Double get(String row, String engine) {
        return rows.getOrDefault(row, Map.of()).get(engine);
    }

    boolean isEmpty() {
        return rows.isEmpty();
    }

    List<String> rows() {
        return List.copyOf(rows.keySet());
    }

    /** Engines that have a figure somewhere, out of these. */
    List<String> engines(String... wanted) {
        List<String> list = new ArrayList<>();
        for (String engine : wanted) {
            if (rows.values().stream().anyMatch(row -> row.containsKey(engine))) {
                list.add(engine);
            }
        }
        return list;
    }

    @Nullable Double ratio(String row, String engine, String base) {
        Double a = get(row, engine);
        Double b = get(row, base);
        return a == null || b == null ? null : a / b;
    }

    /** Geometric mean of the ratios of the rows that have both, without those left out; NaN if there are none. */
    double mean(String engine, String base, Set<String> without) {
        double sum = 0;
        int count = 0;
        for (String row : rows.keySet()) {
            Double ratio = without.contains(row) ? null : ratio(row, engine, base);
            if (ratio != null) {
                sum += Math.log(ratio);
                count++;
            }
        }
        return count == 0 ? Double.NaN : Math.exp(sum / count);
    }

    /**
     * Markdown: a row per thing, first the absolute figure of the base, then the ratios of the others to it.
     *
     * @param unit by which the base's figures are divided, with its name
     */
    String ratios(String what, String base, double unit, String unitName, List<String> others, Set<String> without) {
        StringBuilder out = new StringBuilder("| ").append(what).append(" | ").append(base).append(", ").append(unitName);
        others.forEach(e -> out.append(" | ").append(e));
        out.append(" |\n|---|---:").append("|---:".repeat(others.size())).append("|\n");
        for (String row : rows.keySet()) {
            Double absolute = get(row, base);
            out.append("| ").append(row).append(" | ").append(absolute == null ? "–" : format(absolute / unit));
            for (String engine : others) {
                Double ratio = ratio(row, engine, base);
                out.append(" | ").append(ratio == null ? "–" : format(ratio));
            }
            out.append(" |\n");
        }
        out.append("| **geometric mean** | ");
        for (String engine : others) {
            double mean = mean(engine, base, without);
            out.append("| ").append(Double.isNaN(mean) ? "–" : "**" + format(mean) + "**").append(' ');
        }
        return out.append("|\n").toString();
    }

    /** Three digits that count. */
    static String format(double value) {
        int decimals = value >= 100 ? 0 : value >= 10 ? 1 : 2;
        return String.format(Locale.ROOT, "%." + decimals + "f", value);
    }
}
