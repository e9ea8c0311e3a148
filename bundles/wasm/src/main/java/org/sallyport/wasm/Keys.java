package org.sallyport.wasm;

import java.util.Arrays;
import java.util.Collection;
import java.util.Locale;
import java.util.TreeSet;

/** Messages about keys that nobody knows, for whoever reads manifests and configurations. */
public final class Keys {
    private static final int LONGEST = 40;

    private Keys() {}

    /** {@code unknown key alow (did you mean allow?); known are …}. */
    public static String unknown(String key, Collection<String> known) {
        String nearest = nearest(key, known);
        return "unknown key " + Printable.name(key) + (nearest.isEmpty() ? "" : " (did you mean " + nearest + "?)")
                + "; known are " + String.join(", ", new TreeSet<>(known));
    }

    /** The key that differs least, or empty if none is near. */
    private static String nearest(String key, Collection<String> known) {
        String wanted = key.toLowerCase(Locale.ROOT);
        String best = "";
        int least = wanted.length() > LONGEST ? 0 : 1 + Math.max(1, wanted.length() / 3);
        for (String candidate : new TreeSet<>(known)) {
            int distance = least == 0 ? 0 : distance(wanted, candidate.toLowerCase(Locale.ROOT));
            if (distance < least) {
                least = distance;
                best = candidate;
            }
        }
        return best;
    }

    /** Letters to insert, delete or exchange. */
    private static int distance(String a, String b) {
        int[] row = new int[b.length() + 1];
        Arrays.setAll(row, i -> i);
        for (int i = 1; i <= a.length(); i++) {
            int diagonal = row[0];
            row[0] = i;
            for (int j = 1; j <= b.length(); j++) {
                int cost = a.charAt(i - 1) == b.charAt(j - 1) ? 0 : 1;
                int next = Math.min(Math.min(row[j], row[j - 1]) + 1, diagonal + cost);
                diagonal = row[j];
                row[j] = next;
            }
        }
        return row[b.length()];
    }
}
