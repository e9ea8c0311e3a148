package org.sallyport.cli;

import java.util.ArrayList;
import java.util.List;
import org.sallyport.GuestFrame;

/** A wasm backtrace for people. */
final class Backtrace {
    /** The longest round of functions that call each other which is looked for. */
    private static final int LONGEST_ROUND = 8;
    /** As often a round is shown whatever follows. */
    private static final int SHOWN = 3;
    /** Fewer lines are not worth a line of their own. */
    private static final int WORTH = 2;

    private Backtrace() {}

    /**
     * Each frame a line {@code at module!function @ 0x1a}, with its source where that is known, and lines before it for
     * functions that its producer copied into it. Where the same frames follow each other again and again, they
     * are shown three times, and a line says how many more there are.
     */
    static List<String> folded(List<GuestFrame> frames) {
        List<String> lines = new ArrayList<>();
        int at = 0;
        while (at < frames.size()) {
            int round = 0;
            int more = 0;
            while (more < WORTH && round < LONGEST_ROUND) {
                round++;
                more = (times(frames, at, round) - SHOWN) * round;
            }
            if (more < WORTH) {
                frames.get(at++).describe().forEach(line -> lines.add("at " + line));
                continue;
            }
            for (int i = 0; i < SHOWN * round; i++) {
                frames.get(at++).describe().forEach(line -> lines.add("at " + line));
            }
            lines.add("… " + more + " more of the same" + (round == 1 ? "" : " " + round));
            at += more;
        }
        return lines;
    }

    /** How often the frames from {@code at} on are there, one after the other. */
    private static int times(List<GuestFrame> frames, int at, int length) {
        int times = 1;
        while (at + (times + 1) * length <= frames.size()
                && frames.subList(at, at + length)
                        .equals(frames.subList(at + times * length, at + (times + 1) * length))) {
            times++;
        }
        return times;
    }
}
