package org.sallyport.shell;

import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;
import org.sallyport.wasm.Printable;

/** Rows of text with columns as wide as they must be; numbers to the right. */
final class Table {
    /** Longer cells are cut; what modules and manifests call things is shown in printable characters. */
    private static final int CELL = 1000;

    private final List<List<String>> rows = new ArrayList<>();

    Table(String... titles) {
        rows.add(List.of(titles));
    }

    /** @param cells one for each title */
    void row(Object... cells) {
        List<String> row = new ArrayList<>();
        for (Object cell : cells) {
            row.add(Printable.text(onOneLine(String.valueOf(cell)), CELL));
        }
        rows.add(row);
    }

    private static String onOneLine(String text) {
        return text.strip().replaceAll(":\\s*\\R\\s*", ": ").replaceAll("\\s*\\R\\s*", "; ");
    }

    @Override
    public String toString() {
        return rows.stream().map(this::line).collect(Collectors.joining("\n"));
    }

    private String line(List<String> row) {
        StringBuilder line = new StringBuilder();
        for (int i = 0; i < row.size(); i++) {
            int column = i;
            int width = rows.stream().mapToInt(r -> r.get(column).length()).max().orElse(0);
            boolean number = rows.size() > 1 && rows.stream().skip(1).allMatch(r -> isNumber(r.get(column)));
            String blanks = " ".repeat(width - row.get(i).length());
            line.append(number ? blanks + row.get(i) : row.get(i) + blanks).append("  ");
        }
        return line.toString().stripTrailing();
    }

    private static boolean isNumber(String text) {
        return text.matches("\\d*");
    }
}
