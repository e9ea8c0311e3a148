package org.sallyport.cli;

import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import org.sallyport.GuestFrame;
import org.sallyport.GuestSample;

/** Samples as a table of functions: how often each ran itself, and how often it or what it had called did. */
final class ProfileText {
    private static final int TOP = 30;

    /** Of a function: samples in its machine code, and those in which it was on the stack. */
    private static final class Count {
        private int self;
        private int total;
    }

    private ProfileText() {}

    static String of(List<GuestSample> samples, Duration period, long lost) {
        Map<String, Count> counts = new HashMap<>();
        for (GuestSample sample : samples) {
            counts.computeIfAbsent(name(sample.compiledFrame()), _ -> new Count()).self++;
            Set<String> once = new HashSet<>();
            for (GuestFrame frame : sample.frames()) {
                if (once.add(name(frame))) {
                    counts.computeIfAbsent(name(frame), _ -> new Count()).total++;
                }
            }
        }
        List<Map.Entry<String, Count>> order = new ArrayList<>(counts.entrySet());
        order.sort((a, b) -> {
            int bySelf = b.getValue().self - a.getValue().self;
            int byTotal = b.getValue().total - a.getValue().total;
            return bySelf != 0 ? bySelf : byTotal != 0 ? byTotal : a.getKey().compareTo(b.getKey());
        });
        StringBuilder out = new StringBuilder(String.format(Locale.ROOT,
                "profile: %,d samples, one each %s%s%n", samples.size(), shown(period), lost == 0 ? "" : ", " + lost + " lost"));
        out.append(String.format(Locale.ROOT, "%9s %7s %7s  %s%n", "samples", "self", "total", "function"));
        for (Map.Entry<String, Count> entry : order.subList(0, Math.min(TOP, order.size()))) {
            Count count = entry.getValue();
            out.append(String.format(Locale.ROOT, "%,9d %6.1f%% %6.1f%%  %s%n",
                    count.self, 100.0 * count.self / samples.size(), 100.0 * count.total / samples.size(), entry.getKey()));
        }
        if (order.size() > TOP) {
            out.append(String.format(Locale.ROOT, "%28s… and %,d more%n", "", order.size() - TOP));
        }
        return out.toString();
    }

    private static String shown(Duration period) {
        return period.toNanos() % 1_000_000 == 0 ? period.toMillis() + " ms" : period.toNanos() / 1000 + " us";
    }

    private static String name(GuestFrame frame) {
        return frame.module() + "!" + frame.functionName();
    }
}
