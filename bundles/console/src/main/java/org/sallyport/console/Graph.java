package org.sallyport.console;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.SequencedMap;
import java.util.Set;

/**
 * Columns of nodes with curves between them, as SVG. Nodes are in a column in the order in which they come; what is added twice
 * is there once.
 */
final class Graph {
    private static final int WIDTH = 190;
    private static final int GAP = 60;
    private static final int ROW = 32;
    private static final int TOP = 30;
    private static final int BOX = 24;
    private static final int LETTERS = 26;

    private final List<String> titles;
    private final List<SequencedMap<String, Node>> columns = new ArrayList<>();
    private final Set<Edge> edges = new LinkedHashSet<>();

    /** @param style class of the box: {@code good}, {@code bad}, {@code none} */
    private record Node(String label, String style, int row) {}

    /** @param style class of the curve: {@code good}, {@code bad} */
    private record Edge(int from, String start, int to, String end, String style) {}

    Graph(String... titles) {
        this.titles = List.of(titles);
        this.titles.forEach(_ -> columns.add(new LinkedHashMap<>()));
    }

    /** @param key of its own in the column */
    Graph node(int column, String key, String label, String style) {
        SequencedMap<String, Node> nodes = columns.get(column);
        nodes.putIfAbsent(key, new Node(label, style, nodes.size()));
        return this;
    }

    /** Between nodes that are there. */
    Graph edge(int from, String start, int to, String end, String style) {
        edges.add(new Edge(from, start, to, end, style));
        return this;
    }

    private static int x(int column) {
        return 5 + column * (WIDTH + GAP);
    }

    private int y(int column, String key) {
        return TOP + ROW * columns.get(column).get(key).row();
    }

    @Override
    public String toString() {
        int rows = columns.stream().mapToInt(Map::size).max().orElse(0);
        StringBuilder svg = new StringBuilder("<svg class=\"sallyport-graph\" role=\"img\" width=\""
                + (x(columns.size()) - GAP + 5) + "\" height=\"" + (TOP + ROW * Math.max(1, rows) + 5) + "\">");
        for (int i = 0; i < titles.size(); i++) {
            svg.append("<text class=\"title\" x=\"%d\" y=\"16\">%s</text>".formatted(x(i), Html.escape(titles.get(i))));
        }
        edges.forEach(edge -> svg.append(curve(edge)));
        for (int i = 0; i < columns.size(); i++) {
            int column = i;
            columns.get(i).forEach((key, node) -> svg.append(box(column, node)));
        }
        return svg.append("</svg>").toString();
    }

    private String curve(Edge edge) {
        int x1 = x(edge.from) + WIDTH;
        int y1 = y(edge.from, edge.start) + BOX / 2;
        int x2 = x(edge.to);
        int y2 = y(edge.to, edge.end) + BOX / 2;
        int bend = (x2 - x1) / 2;
        return "<path class=\"%s\" d=\"M%d %dC%d %d %d %d %d %d\"/>".formatted(
                edge.style, x1, y1, x1 + bend, y1, x2 - bend, y2, x2, y2);
    }

    private static String box(int column, Node node) {
        int y = TOP + ROW * node.row();
        String label = node.label.length() <= LETTERS ? node.label : node.label.substring(0, LETTERS - 1) + "…";
        return "<g class=\"%s\"><title>%s</title><rect x=\"%d\" y=\"%d\" width=\"%d\" height=\"%d\" rx=\"4\"/>".formatted(
                        node.style, Html.escape(node.label), x(column), y, WIDTH, BOX)
                + "<text x=\"%d\" y=\"%d\">%s</text></g>".formatted(x(column) + 7, y + 16, Html.escape(label));
    }
}
