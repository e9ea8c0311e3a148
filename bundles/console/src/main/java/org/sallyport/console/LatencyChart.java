package org.sallyport.console;

import java.time.Duration;
import java.util.List;
import java.util.Locale;
import org.sallyport.host.Latency;

/** How long calls took, as a picture: a bar for each power of two, as high as there are calls. */
final class LatencyChart {
    private static final int BAR = 26;
    private static final int HEIGHT = 110;

    private LatencyChart() {}

    static String of(Latency latency) {
        List<Long> counts = latency.counts();
        int first = 0;
        int last = -1;
        for (int i = 0; i < counts.size(); i++) {
            if (counts.get(i) > 0) {
                first = last < 0 ? i : first;
                last = i;
            }
        }
        if (last < 0) {
            return "<p class=\"sallyport-none\">no call was measured yet</p>";
        }
        long most = counts.stream().mapToLong(Long::longValue).max().orElse(1);
        int width = Math.max(320, (last - first + 1) * BAR + 20);
        StringBuilder picture = new StringBuilder("<svg class=\"sallyport-chart\" role=\"img\" aria-label=\"latency of calls\""
                + " width=\"" + width + "\" height=\"" + (HEIGHT + 40) + "\">");
        for (int i = first; i <= last; i++) {
            long height = counts.get(i) == 0 ? 0 : Math.max(2, HEIGHT * counts.get(i) / most);
            int x = 10 + (i - first) * BAR;
            picture.append("<rect x=\"%d\" y=\"%d\" width=\"%d\" height=\"%d\"><title>%d calls below %s</title></rect>".formatted(
                    x, 10 + HEIGHT - height, BAR - 4, height, counts.get(i), text(Duration.ofNanos(1L << i + 1))));
            if ((i - first) % 2 == 0) {
                picture.append("<text x=\"%d\" y=\"%d\">%s</text>".formatted(
                        x, HEIGHT + 26, text(Duration.ofNanos(1L << i + 1))));
            }
        }
        return picture.append("</svg><p>half below ").append(text(latency.below(0.5)))
                .append(", 90 % below ").append(text(latency.below(0.9)))
                .append(", 99 % below ").append(text(latency.below(0.99)))
                .append(" (").append(latency.calls()).append(" calls measured)</p>").toString();
    }

    static String text(Duration time) {
        double nanos = time.toNanos();
        return nanos < 1e3
                ? String.format(Locale.ROOT, "%.0f ns", nanos)
                : nanos < 1e6
                        ? String.format(Locale.ROOT, "%.3g µs", nanos / 1e3)
                        : nanos < 1e9
                                ? String.format(Locale.ROOT, "%.3g ms", nanos / 1e6)
                                : String.format(Locale.ROOT, "%.3g s", nanos / 1e9);
    }
}
