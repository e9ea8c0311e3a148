package org.sallyport.bench;

import java.util.List;
import java.util.Locale;

/** A bar chart as SVG: a group of bars per row, one bar per engine, ratios to a base at 1. */
final class Chart {
    private static final List<String> COLOURS = List.of("#2b6cb0", "#dd6b20", "#718096", "#c53030");
    private static final int BAR = 11;
    private static final int LEFT = 110;
    private static final int WIDTH = 620;

    private Chart() {}

    static String of(String title, Table table, String base, List<String> engines, double maximum) {
        StringBuilder out = new StringBuilder();
        int y = 50 + 18 * ((engines.size() + 3) / 4);
        for (String row : table.rows()) {
            text(out, LEFT - 6, y + BAR * engines.size() / 2 + 4, "end", row);
            for (int i = 0; i < engines.size(); i++) {
                Double ratio = table.ratio(row, engines.get(i), base);
                if (ratio != null) {
                    bar(out, y + i * BAR, ratio, maximum, COLOURS.get(i % COLOURS.size()));
                }
            }
            y += BAR * engines.size() + 8;
        }
        int x = LEFT + (int) (WIDTH / maximum);
        String line = "<line x1='%d' y1='40' x2='%d' y2='%d' stroke='#1a202c' stroke-dasharray='4 3'/>\n".formatted(x, x, y);
        StringBuilder head = new StringBuilder();
        head.append("<svg xmlns='http://www.w3.org/2000/svg' width='%d' height='%d' font-family='sans-serif' font-size='11'>\n"
                .formatted(LEFT + WIDTH + 60, y + 12));
        head.append("<rect width='100%' height='100%' fill='white'/>\n");
        text(head, 10, 20, "start", title);
        for (int i = 0; i < engines.size(); i++) {
            head.append("<rect x='%d' y='30' width='10' height='10' fill='%s'/>\n".formatted(LEFT + i * 130, COLOURS.get(i)));
            text(head, LEFT + i * 130 + 14, 39, "start", engines.get(i));
        }
        return head.append(out).append(line).append("</svg>\n").toString();
    }

    private static void bar(StringBuilder out, int y, double ratio, double maximum, String colour) {
        int width = (int) (Math.min(ratio, maximum) / maximum * WIDTH);
        out.append("<rect x='%d' y='%d' width='%d' height='%d' fill='%s'/>\n".formatted(LEFT, y, width, BAR - 2, colour));
        text(out, LEFT + width + 4, y + BAR - 3, "start", String.format(Locale.ROOT, "%.2f", ratio));
    }

    private static void text(StringBuilder out, int x, int y, String anchor, String text) {
        out.append("<text x='%d' y='%d' text-anchor='%s'>%s</text>\n".formatted(x, y, anchor, text));
    }
}
