package org.sallyport.text.parse;

import java.util.Collection;
import java.util.Map;

/** Guesses what somebody meant, for messages. */
final class Nearest {
    /** Instructions that once had other names. */
    private static final Map<String, String> RENAMED = Map.ofEntries(
            Map.entry("get_local", "local.get"),
            Map.entry("set_local", "local.set"),
            Map.entry("tee_local", "local.tee"),
            Map.entry("get_global", "global.get"),
            Map.entry("set_global", "global.set"),
            Map.entry("current_memory", "memory.size"),
            Map.entry("grow_memory", "memory.grow"),
            Map.entry("anyfunc", "funcref"),
            Map.entry("try", "try_table"));

    /** Words so short that two other letters make another word. */
    private static final int SHORT = 5;

    private static final int SHORTEST = 3;
    private static final int LONGEST = 64;

    private Nearest() {}

    /** {@code "; did you mean x?"}, or nothing if no candidate is near. */
    static String hint(String text, String prefix, Collection<String> candidates) {
        String renamed = RENAMED.get(text);
        if (renamed != null) {
            return "; it is called " + renamed + " now";
        }
        String best = null;
        int least = text.length() < SHORT ? 2 : Math.max(2, text.length() / 4) + 1;
        if (text.length() >= SHORTEST && text.length() <= LONGEST) {
            for (String candidate : candidates) {
                int distance = Math.abs(candidate.length() - text.length()) < least ? distance(text, candidate) : least;
                if (distance < least) {
                    least = distance;
                    best = candidate;
                }
            }
        }
        return best == null ? "" : "; did you mean " + prefix + best + "?";
    }

    /** Letters to insert, delete or replace. */
    private static int distance(String a, String b) {
        int[] row = new int[b.length() + 1];
        for (int j = 0; j <= b.length(); j++) {
            row[j] = j;
        }
        for (int i = 1; i <= a.length(); i++) {
            int diagonal = row[0];
            row[0] = i;
            for (int j = 1; j <= b.length(); j++) {
                int replaced = diagonal + (a.charAt(i - 1) == b.charAt(j - 1) ? 0 : 1);
                diagonal = row[j];
                row[j] = Math.min(replaced, Math.min(row[j], row[j - 1]) + 1);
            }
        }
        return row[b.length()];
    }
}
